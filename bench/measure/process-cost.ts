// What another process has cost so far, as the kernel counts it; Linux only.
import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU time of all its threads, in microseconds. By the scheduler's own clock, in nanoseconds: that of `/proc/<pid>/stat`
 * ticks in hundredths of a second. A thread that ended is not counted any more, so it is for processes whose threads stay.
 */
export function cpuUsOf(pid: number): number {
  let totalNs = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    totalNs += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return totalNs / 1000;
}

/** Memory that is its own or shared and in RAM now. */
export function residentBytesOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}
