// SPDX-License-Identifier: MIT
// Section "neighbours": a user's operator is called on neighbours only, and once for each of the n - 1 places between elements.
#include "random.hpp"

#include <algorithm>

namespace gpu_check {

/// The elements that a value was made of, and how many calls made it.
FOLDGRID_STRUCT(stretch, (std::uint64_t first; std::uint64_t last; std::uint64_t calls; std::uint64_t strangers;))

/// Joins two stretches. `joined` counts the calls at each place between elements, those too whose result is thrown away; its first
/// element those on operands that are no neighbours. Such operands may be anything, so they are looked at before they are used. The counts
/// are no atomics, which a body has not: of several calls at one place at the very same time at least one is counted.
FOLDGRID_FUNCTOR(join, (fg::view<unsigned> joined;), (stretch l, stretch r), {
  const bool neighbours = l.last + 1 == r.first && r.first < joined.size() && l.first <= l.last && r.first <= r.last;
  joined[neighbours ? r.first : 0] += 1;
  return stretch{l.first, r.last, l.calls + r.calls + 1, l.strangers + r.strangers + (neighbours ? 0u : 1u)};
})
FOLDGRID_FUNCTION_USING((stretch), stretch_at, (std::size_t i), { return stretch{i, i, 0, 0}; })

void check_neighbours(session& with) {
  const std::size_t largest = with.small() ? 5000 : std::size_t{1} << 24;
  std::size_t sizes = 0;
  for (const std::size_t n : sizes_up_to(with, largest)) {
    if (with.small() && n > 5000) continue;
    auto joined = with.gpu.to_device(std::vector<unsigned>(n));
    const stretch all = with.gpu.map_reduce(stretch_at, join{joined.view()}, fg::iota(n));
    const stretch expected{0, n - 1, n - 1, 0};
    const subject of{"map_reduce", "stretches", n, "by an operator that knows its neighbours"};
    with.check.same(of, all, expected);
    const std::vector<unsigned> found = joined.to_vector();
    with.check.holds(of, found[0] == 0, std::to_string(found[0]) + " calls or more on operands that are no neighbours");
    const auto odd = std::find_if(found.begin() + 1, found.end(), [](unsigned calls) { return calls != 1; });
    with.check.holds(of, odd == found.end(),
                     odd == found.end() ? std::string()
                                        : std::to_string(*odd) + " calls, not 1, join at element " + std::to_string(odd - found.begin()));
    ++sizes;
  }
  with.out.progress("neighbours  %zu sizes up to %zu: n - 1 calls, all on neighbours; %zu differ", sizes, largest, with.check.different());
}

}  // namespace gpu_check
