// SPDX-License-Identifier: MIT
// Stands in front of a program's unit and moves its functions: another build of it.
int moves_what_follows(int i);
int moves_what_follows(int i) { return 3 * i + 1; }
