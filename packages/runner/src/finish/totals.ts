import type { TeamLive } from '@agentteam/contract';
import { cutText, cutTexts, jsonText } from '@agentteam/text';

/** Characters of one report. */
const REPORT_LENGTH = 2000;
/** Characters of all reports and reasons together: as many as leave the whole within `MOST`. */
const TEXTS_LENGTHS = [24_000, 8_000, 0];
const MOST_NOTICES = 8;
/** An output takes 64 Ki characters, and JSON that was cut off is none. */
const MOST = 60_000;

/**
 * The `totals` output: reports in it are shortened, figures never. Its hidden characters are escapes, so
 * that the text that is proven is the one that is written.
 */
export function totalsText(live: TeamLive): string {
  const texts = TEXTS_LENGTHS.map((length) => jsonText(shortened(live, length)));
  return texts.find(({ length }) => length <= MOST) ?? texts.at(-1) ?? '';
}

function shortened(live: TeamLive, length: number): TeamLive {
  const texts = cutTexts(
    live.agents.flatMap(({ report = '', message = '' }) => [
      cutText(report, REPORT_LENGTH),
      cutText(message, REPORT_LENGTH),
    ]),
    length,
  );
  const agents = live.agents.map(({ report, message, ...agent }, index) => ({
    ...agent,
    ...(report === undefined ? {} : { report: texts[2 * index] ?? '' }),
    ...(message === undefined ? {} : { message: texts[2 * index + 1] ?? '' }),
  }));
  const notices = live.notices?.slice(0, MOST_NOTICES);
  return { ...live, agents, ...(notices === undefined ? {} : { notices }) };
}
