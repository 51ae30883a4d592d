#include "candidate_support.hpp"
