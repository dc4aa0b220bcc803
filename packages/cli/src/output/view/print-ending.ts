import { type Context, print, printJson } from '../../context.ts';
import { agentTeamObject } from './agent-team-object.ts';
import { type Ending, endingLines } from './ending.ts';

/** Columns of text that goes to no terminal. */
const PAGE = 120;

/** The last words on a team that has ended: for a person, or as the last of its events. */
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
  const columns = context.out.columns ?? PAGE;
  print(context, '', ...endingLines(ending, columns, context.colors));
}
