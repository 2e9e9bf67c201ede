# Reads ctest's LastTest.log and prints "N passed, M failed, K skipped", counting the cases inside
# programs of cmocka and of Python's unittest. Any other test is one case. A program that ended in the middle has failed one
# case more than it says.

# The number after NAME= in the line.
function value(name) {
    return match($0, name "=[0-9]+") ? substr($0, RSTART + length(name) + 1, RLENGTH - length(name) - 1) : 0
}

/^[0-9]+\/[0-9]+ Testing: / {
    name = $3
    ok = bad = skipped = running = 0
    ran = ""
    summary = 0; s_ok = s_bad = s_skipped = 0
    open = 1
    next
}
/^\[ RUN      \]/ { running = 1; next }
/^\[       OK \]/ { ok++; running = 0; next }
/^\[==========\] .* run\.$/ || /^\[==========\].*test\(s\) run/ { summary = 1; next }
/^\[  PASSED  \] [0-9]+ test/ { s_ok += $4; next }
/^\[  SKIPPED \] [0-9]+ test/ { s_skipped += $4; next }
/^\[  FAILED  \] [0-9]+ test/ { s_bad += $4; next }
/^\[  FAILED  \]/ { if (running) { bad++; running = 0 } next }
/^\[  SKIPPED \]/ { if (running) { skipped++; running = 0 } next }
/^Ran [0-9]+ tests? in / { ran = $2; next }
/^(OK|FAILED)( \(.*\))?$/ {
    if (ran == "") next
    bad += value("failures") + value("errors")
    skipped += value("skipped")
    ok += ran - value("failures") - value("errors") - value("skipped")
    ran = ""
    next
}
/^Test (Passed|Failed|Timeout|Skipped|time)/ || /^Test not run/ || /^Unable to find executable/ {
    if (!open || $2 == "time") next
    open = 0
    if (summary) { ok = s_ok; bad = s_bad; skipped = s_skipped }
    else bad += running
    if ($2 == "Passed.") { if (ok + bad + skipped == 0) ok = 1 }
    else if ($2 == "Skipped.") skipped += (ok + bad + skipped == 0)
    else if (bad == 0) bad = 1
    P += ok; F += bad; S += skipped
    if (bad > 0) printf "failed: %s (%d)\n", name, bad > "/dev/stderr"
}
END {
    if (open) F++
    printf "%d passed, %d failed, %d skipped\n", P, F, S
}
