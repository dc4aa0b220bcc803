import { testKills } from './kills.ts';

/** Another story each time; one that failed is told again with its seed. */
testKills(20, Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000));
