// Helpers for comparisons of two commits. Both are measured in turns, so that other load on the machine affects
// both, and by the CPU time that they use, which depends on that load less than the wall time.
import { readdirSync, readFileSync } from 'node:fs';

export const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)];

/** CPU time that a process has used, in milliseconds. */
export function cpuTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [ns] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(ns) / 1e6;
  });
  return threads.reduce((sum, ms) => sum + ms, 0);
}

/** Prints the median and the lowest tenth of two series, and their ratios. */
export function compared(what, before, now) {
  const cells = [0.5, 0.1].map((q) => {
    const [a, b] = [quantile(before, q), quantile(now, q)];
    return `${a.toFixed(3)} → ${b.toFixed(3)} ms (${(b / a).toFixed(2)})`;
  });
  console.log(`${what.padEnd(34)} median ${cells[0]}   p10 ${cells[1]}`);
}
