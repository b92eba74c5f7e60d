// SPDX-License-Identifier: MIT
// A unit of the user's project that has nothing to do with foldgrid, and so none of its flags.
int main() {}
