// SPDX-License-Identifier: MIT
// The unit that the precompiled header is made with.
