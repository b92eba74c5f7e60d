# SPDX-License-Identifier: MIT
# Draws the rate of the sum of an array over its size: gnuplot -e "json='results.json'; out='plot.png'" plot_reduce.gp; out='plot.svg' for
# the other format, type='f32', 'i32' or 'i64' for another type.
if (!exists("json")) json = "results.json"
if (!exists("out")) out = "plot_reduce.png"
if (!exists("type")) type = "f64"

# log2 of the size and GB/s of the ways whose name ends so; the JSON has one "name" and one "GB/s" line per way.
rates(way) = sprintf("< awk -F'[:,\"]+' '/^ *\"name\"/ {name = $0; sub(/.*\"name\": \"/, \"\", name); sub(/\",.*/, \"\", name)} \
  /^ *\"GB\\/s\"/ && index(name, \"reduce/sum/%s/\") == 1 && index(name, \"%s\") {split(name, part, /[\\^\\/]/); print part[5], $3 + 0}' '%s'", type, way, json)
context(key) = system(sprintf("sed -n 's/.*\"%s\": \"\\([^\"]*\\)\".*/\\1/p' '%s' | head -n 1", key, json))

if (out[strlen(out) - 3:*] eq ".svg") { set terminal svg size 900,560 font "sans,12" background "white" } \
else { set terminal pngcairo size 900,560 font "sans,12" }
set output out
set title sprintf("Sum of %s on all cores of %s", type, context("processor")) noenhanced
set xlabel "elements"
set ylabel "GB/s"
set yrange [0:*]
set xrange [4:28]
set format x "2^{%.0f}"
set xtics 4, 4, 28
set grid
set key outside bottom center horizontal
plot rates("/ours/") using 1:2 with linespoints lw 3 pt 7 title "foldgrid: the fixed tree", \
     rates("std::reduce(par_unseq)") using 1:2 with linespoints lw 2 pt 5 title "std::reduce(par\\_unseq)", \
     rates("tbb::parallel_reduce") using 1:2 with linespoints lw 2 pt 9 title "tbb::parallel\\_reduce", \
     rates("OpenMP_simd") using 1:2 with linespoints lw 2 pt 11 title "OpenMP reduction(simd)", \
     rates("read_and_xor") using 1:2 with linespoints lw 2 dt 2 lc rgb "black" pt 1 title "read limit"
