# SPDX-License-Identifier: MIT
# Draws the speed-up over the number of workers: gnuplot -e "json='results.json'; out='plot.png'" plot_speed_up.gp; out='plot.svg' for the
# other format.
if (!exists("json")) json = "results.json"
if (!exists("out")) out = "plot_speed_up.png"

# workers, and the time of one worker over that of so many; the JSON has one "name" and one "real_time" line per way.
speed_up(work) = sprintf("< awk -F'[:,\"]+' '/^ *\"name\": \"speed_up\\/%s\\// {split($0, part, /\\//); workers = part[3]} \
  workers && /^ *\"real_time\"/ {if (!one) one = $3; print workers, one / $3; workers = 0}' '%s'", work, json)
context(key) = system(sprintf("sed -n 's/.*\"%s\": \"\\([^\"]*\\)\".*/\\1/p' '%s' | head -n 1", key, json))

if (out[strlen(out) - 3:*] eq ".svg") { set terminal svg size 900,560 font "sans,12" background "white" } \
else { set terminal pngcairo size 900,560 font "sans,12" }
set output out
set title sprintf("Speed-up over workers on %s", context("processor")) noenhanced
set xlabel "workers"
set ylabel "time of one worker / time"
set yrange [0:*]
set xrange [0:*]
set xtics 1
set grid
set key top left
plot x with lines dt 2 lc rgb "black" title "ideal", \
     speed_up("logistic") using 1:2 with linespoints lw 3 pt 7 title "map\\_reduce, 200 steps of the logistic map a point", \
     speed_up("sum") using 1:2 with linespoints lw 2 pt 5 title "sum of 2^{24} doubles, from memory"
