import { type Locate, locator, type Problem, syntaxProblems } from '@agentteam/compiler';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { checkPeople } from './check-people.ts';
import { checkSchema } from './check-schema.ts';
import { checkTurns } from './check-turns.ts';
import { checkLead, withRosterNames } from './lead-name.ts';
import type { Script } from './script.ts';

export interface ParsedScript {
  /** Absent if there are problems. */
  readonly script?: Script;
  readonly problems: readonly Problem[];
}

/** Limits how often aliases repeat a node: a small file could expand to gigabytes. */
const MAX_ALIASES = 200;

/**
 * Parses and checks a script.
 * @param file its name, for messages while it is played.
 */
export function parseScript(text: string, file: string): ParsedScript {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const locate = locator(document, lines);
  const syntax = syntaxProblems(document, lines, text);
  if (syntax.length > 0) return { problems: syntax };
  const object = toObject(document);
  if (object instanceof Error) {
    const { message } = object;
    return { problems: [{ code: 'yaml-syntax', path: [], message, line: 1, column: 1 }] };
  }
  const found = checkSchema(object);
  const problems =
    found.length > 0
      ? found
      : [
          ...checkTurns(object as Script),
          ...checkLead(object as Script),
          ...checkPeople(withRosterNames(object as Script)),
        ];
  if (problems.length > 0) {
    return { problems: problems.map((problem) => ({ ...problem, ...locate(problem.path) })) };
  }
  const script = withLines({ ...(object as Script), file }, locate);
  return { script: withRosterNames(script), problems: [] };
}

function toObject(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return error;
  }
}

/** Adds the line of every turn, for messages about turns that cannot be played. */
function withLines(script: Script, locate: Locate): Script {
  const agents = Object.entries(script.agents).map(([name, agent]) => {
    const turns = agent.turns.map((turn, index) => ({
      ...turn,
      line: locate(['agents', name, 'turns', index]).line,
    }));
    return [name, { ...agent, turns }] as const;
  });
  return { ...script, agents: Object.fromEntries(agents) };
}
