import { TimelineReader } from '../src/transcript/timeline.ts';

/** Reads an agent's transcript as often as it takes, and prints the number of spans. A test runs it as a process. */
const [sessions = '', agent = '', readings = '1'] = process.argv.slice(2);
const reader = new TimelineReader();
let spans = 0;
for (let reading = 0; reading < Number(readings); reading += 1) {
  spans = (await reader.read(sessions, agent)).spans.length;
}
process.stdout.write(String(spans));
