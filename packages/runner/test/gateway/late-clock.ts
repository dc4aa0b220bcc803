// Loaded before the gateway by `--import`: with each SIGUSR2 a minute and more has passed, by what the
// process measures itself.
let passed = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + passed;
process.on('SIGUSR2', () => {
  passed += 61_000;
});
