// SPDX-License-Identifier: GPL-2.0-or-later
// libfuse's low-level interface, at the one version Ward is written for.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif
#include <fuse_lowlevel.h>
