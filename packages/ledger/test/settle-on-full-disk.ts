// Begins and ends requests until the end of one cannot be written, and prints how many have ended.
import { LedgerWriter } from '@agentteam/ledger';
import { entry } from './entry.ts';

const [directory = ''] = process.argv.slice(2);
const writer = new LedgerWriter(directory, 'worker');
const ifLost = { tokens: entry({ id: '' }).tokens, usd: '3.00' };
let ended = 0;
for (let isFull = false; !isFull; ended += 1) {
  const id = `entry-${ended}`;
  writer.appendOrDrop(entry({ id, state: 'open', usd: '0.00', ifLost }));
  try {
    // Its last line is longer than the first one, so that it is the one without space.
    writer.append(entry({ id, requestId: 'r'.repeat(4_000) }));
  } catch {
    isFull = true;
  }
}
process.stdout.write(JSON.stringify({ ended }));
