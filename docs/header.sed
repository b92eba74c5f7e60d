# SPDX-License-Identifier: MIT
# A header as Doxygen wants it, line for line: the licence becomes @file, the sentence below it what the file is. What follows the
# namespace is for the standard library.
1s,.*,/// @file,
2,/^\(#.*\|\/\/\|\)$/s,^// ,/// ,
/^}  \/\/ namespace foldgrid/q
