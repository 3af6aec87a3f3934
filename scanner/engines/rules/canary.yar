// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded whenever YARA is, also where the other built-in rules are not wanted.

rule Ward_Canary
{
    meta:
        description = "Ward's own proof that the rules are asked"
    strings:
        $text = "Ward canary 7d1f0c52-yara: a scanner that calls this clean is broken"
    condition:
        $text at 0
}
