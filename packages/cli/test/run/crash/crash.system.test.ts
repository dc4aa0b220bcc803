import { testKills } from './kills.ts';

// `npm run test:soak` runs longer, with another seed each time.
testKills(12, 1);
