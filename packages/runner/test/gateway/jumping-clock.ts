// Loaded before the gateway by `--import`: the wall clock jumps days ahead or back at each reading.
// `performance.now()` does not jump.
const real = Date;
const DAYS = [0, 2, -3, 5, -1];
let looks = 0;
function now(): number {
  looks += 1;
  return real.now() + (DAYS[looks % DAYS.length] ?? 0) * 86_400_000;
}
globalThis.Date = class extends real {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(now());
    else super(...(args as [number]));
  }
  static override now(): number {
    return now();
  }
} as DateConstructor;
