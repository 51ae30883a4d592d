// 128-bit machine integers, named once so that no other file needs a compiler extension.
#pragma once

namespace bittrue {

__extension__ using i128 = __int128;
__extension__ using u128 = unsigned __int128;

}  // namespace bittrue
