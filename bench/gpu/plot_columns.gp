# SPDX-License-Identifier: MIT
# Draws the rate of a sum over the size of the array in three columns, GPU resident, GPU from the host's memory, and CPU:
# gnuplot -e "json='gpu-....json'; out='columns.png'" plot_columns.gp; out='columns.svg' for the other format, type='f32' for the other type.
if (!exists("json")) json = "results.json"
if (!exists("out")) out = "plot_columns.png"
if (!exists("type")) type = "f64"

# The program writes one record a line: bytes and GB/s of the records of the type, by the seconds under `key`.
rates(key) = sprintf("< awk -F'[:,}]+ *' '/\"gpu_resident_seconds\"/ && /\"type\": \"%s\"/ { \
  for (i = 1; i < NF; ++i) {if ($i ~ /\"bytes\"/) b = $(i + 1); if ($i ~ /\"%s\"/) s = $(i + 1)}; print b, b / s * 1e-9}' '%s'", type, key, json)
context(key) = system(sprintf("sed -n 's/.*\"context\".*\"%s\": \"\\([^\"]*\\)\".*/\\1/p' '%s'", key, json))
measured = system(sprintf("grep -c '\"measurement\": true' '%s' || true", json)) > 0

if (out[strlen(out) - 3:*] eq ".svg") { set terminal svg size 900,560 font "sans,12" background "white" } \
else { set terminal pngcairo size 900,560 font "sans,12" }
set output out
set title sprintf("Sum of %s: %s and %s, %s%s", type, context("device"), context("cpu"), context("host"), \
  measured ? "" : "\n(not a measurement)") noenhanced
set xlabel "bytes of the array"
set ylabel "GB/s"
set logscale xy
set format x "2^{%L}"
set logscale x 2
set format y "10^{%L}"
set grid
set key top left
plot rates("gpu_resident_seconds") using 1:2 with linespoints lw 3 pt 7 title "GPU, array resident", \
     rates("gpu_from_host_seconds") using 1:2 with linespoints lw 2 pt 5 title "GPU, array on the host", \
     rates("cpu_seconds") using 1:2 with linespoints lw 2 pt 9 title "CPU, all cores"
