# SPDX-License-Identifier: MIT
# Draws the rate of the sum of doubles over the size of the array: gnuplot -e "json='results.json'; png='plot.png'" plot_reduce.gp
if (!exists("json")) json = "results.json"
if (!exists("png")) png = "plot_reduce.png"

# log2 of the size and GB/s of the ways whose name ends so; the JSON has one "name" and one "GB/s" line per way.
rates(way) = sprintf("< awk -F'[:,\"]+' '/^ *\"name\"/ {name = $0; sub(/.*\"name\": \"/, \"\", name); sub(/\",.*/, \"\", name)} \
  /\"GB\\/s\"/ && index(name, \"reduce/sum/f64/\") == 1 && index(name, \"%s\") {split(name, part, /[\\^\\/]/); print part[5], $3 + 0}' '%s'", way, json)

set terminal pngcairo size 900,560 font "sans,12"
set output png
set title "Sum of doubles on all cores: the fixed tree beside reductions that may reorder"
set xlabel "elements"
set ylabel "GB/s"
set yrange [0:*]
set xrange [19.5:26.5]
set format x "2^{%.0f}"
set xtics 20, 2, 26
set grid
set key outside bottom center horizontal
plot rates("/ours/") using 1:2 with linespoints lw 3 pt 7 title "foldgrid", \
     rates("std::reduce(par_unseq)") using 1:2 with linespoints lw 2 pt 5 title "std::reduce(par\\_unseq)", \
     rates("tbb::parallel_reduce") using 1:2 with linespoints lw 2 pt 9 title "tbb::parallel\\_reduce", \
     rates("OpenMP_simd") using 1:2 with linespoints lw 2 pt 11 title "OpenMP reduction(simd)", \
     rates("read_and_xor") using 1:2 with linespoints lw 2 dt 2 lc rgb "black" pt 1 title "read limit"
