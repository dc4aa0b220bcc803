// Loaded before the gateway by `--import`: each SIGUSR2 moves `performance.now()` ahead by more than a
// minute.
let passed = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + passed;
process.on('SIGUSR2', () => {
  passed += 61_000;
});
