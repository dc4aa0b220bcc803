import { type Context, print, printJson } from '../../context.ts';
import { agentTeamObject } from './agent-team-object.ts';
import { type Ending, endingLines } from './ending.ts';

/** Width of text that is not printed on a terminal. */
const DEFAULT_COLUMNS = 120;

/** Prints the result of a team that has ended, as text or as its last JSON event. */
export function printEnding(
  context: Context,
  ending: Ending,
  exitCode: number,
  json: boolean,
): void {
  const { hosted } = ending;
  if (json) {
    const at = new Date().toISOString();
    const team = agentTeamObject(hosted);
    printJson(context, { at, run: hosted.name, event: 'ended', exitCode, team }, 0);
    return;
  }
  const { colors, out } = context;
  // A terminal without a size has 0 columns.
  const columns = out.columns || DEFAULT_COLUMNS;
  print(context, '', ...endingLines(ending, columns, colors, out.columns || Infinity));
}
