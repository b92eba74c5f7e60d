// SPDX-License-Identifier: MIT
// foldgrid: map and reduce with the same bits everywhere. This is the header to include; what it brings:
//
//   executor.hpp   the executor and its verbs            tree.hpp       the fixed tree: what a reduction computes
//   options.hpp    what a call can be told               report.hpp     what it tells back
//   inputs.hpp     linspace, logspace, iota, repeat, grid, meshgrid
//   operators.hpp  min, max, elementwise, init           function.hpp   FOLDGRID_FUNCTION, bind_front
//   device_array.hpp  arrays where the executor works    view.hpp       what a function's state may read through
//   device_range.hpp  arrays of the caller's on a GPU    shared_array.hpp  copies that functions read on every backend
//   tasks.hpp      submit, imap, parallel, ...           future.hpp     futures, wait, as_completed, when_all
//   stream.hpp     what imap gives                       parallel.hpp   parallel, parallelized without an executor
//   random.hpp     random numbers by their index         pin.hpp        memory that a GPU copies directly
//   progress.hpp   the progress bar                      error.hpp      the errors
//   outcome.hpp    value or error of an item             delayed.hpp    calls for parallel
//   check.hpp      whether a function compiles for a GPU
// study.hpp, of the target foldgrid::study, is included beside it: named axes, sweeps that can be resumed, tables, pictures.
// mpi.hpp, of the target foldgrid::mpi, includes it: the same verbs over the ranks of an MPI job.
//
// Nothing under detail/ is for users.
#pragma once

#include <foldgrid/check.hpp>
#include <foldgrid/device_array.hpp>
#include <foldgrid/device_range.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/executor.hpp>
#include <foldgrid/function.hpp>
#include <foldgrid/future.hpp>
#include <foldgrid/inputs.hpp>
#include <foldgrid/operators.hpp>
#include <foldgrid/options.hpp>
#include <foldgrid/parallel.hpp>
#include <foldgrid/pin.hpp>
#include <foldgrid/progress.hpp>
#include <foldgrid/random.hpp>
#include <foldgrid/report.hpp>
#include <foldgrid/stream.hpp>
#include <foldgrid/tasks.hpp>
#include <foldgrid/tree.hpp>
#include <foldgrid/view.hpp>
