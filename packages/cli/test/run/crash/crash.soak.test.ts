import { testKills } from './kills.ts';

// The seed differs each time. A failed test prints its seed, with which it can be repeated.
testKills(20, Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000));
