import { AGENT_TEAM, API_VERSION } from '@agentteam/api';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { Problem } from '../problem.ts';
import { type Locate, locator, syntaxProblems } from './locate.ts';

/** A document of a file, with the means to find a path's place in the text. */
export interface ReadDocument {
  readonly object: Readonly<Record<string, unknown>>;
  readonly locate: Locate;
}

export interface ReadResult {
  readonly teams: readonly ReadDocument[];
  /** ConfigMaps, Secrets and whatever else stands in the file. */
  readonly others: readonly ReadDocument[];
  readonly problems: readonly Problem[];
}

/** A team is text that people write; what is larger is a mistake or an attack. */
const MAX_TEXT = 2 << 20;
/** Aliases may repeat a node so often; more is how a small file becomes gigabytes. */
const MAX_ALIASES = 200;

/** Reads the YAML (or JSON) of a file, of one or several documents. */
export function read(text: string): ReadResult {
  if (text.length > MAX_TEXT) {
    return {
      teams: [],
      others: [],
      problems: [
        {
          code: 'file-too-large',
          path: [],
          message: `the file has ${text.length} characters; at most ${MAX_TEXT} are read`,
          hint: 'put large inputs into a ConfigMap or a claim, and name that in spec.workspace.inputs',
        },
      ],
    };
  }
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    // A library has no terminal to warn on.
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const teams: ReadDocument[] = [];
  const others: ReadDocument[] = [];
  const problems: Problem[] = [];
  for (const document of documents) {
    problems.push(...syntaxProblems(document, lineCounter));
    if (document.errors.length > 0) continue;
    const object = toObject(document, problems);
    if (object === undefined) continue;
    const found = { object, locate: locator(document, lineCounter) };
    if (object['kind'] === AGENT_TEAM.kind) teams.push(found);
    else others.push(found);
  }
  if (teams.length === 0 && problems.length === 0) problems.push(noTeam(others));
  return { teams, others, problems };
}

function toObject(
  document: Document,
  problems: Problem[],
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null || value === undefined) return undefined;
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    problems.push({
      code: 'not-an-object',
      path: [],
      message: 'the document is not an object',
      hint: `a team starts with \`apiVersion: ${API_VERSION}\` and \`kind: ${AGENT_TEAM.kind}\``,
      line: 1,
      column: 1,
    });
  } catch (error) {
    problems.push({
      code: 'yaml-syntax',
      path: [],
      message: error instanceof Error ? error.message : String(error),
      line: 1,
      column: 1,
    });
  }
  return undefined;
}

function noTeam(others: readonly ReadDocument[]): Problem {
  const kinds = others.map(({ object }) => String(object['kind'] ?? '(no kind)')).join(', ');
  return {
    code: 'no-team',
    path: [],
    message:
      others.length === 0 ? 'the file is empty' : `the file holds no AgentTeam, but: ${kinds}`,
    hint: '`agentteam init` writes a team to start from',
    line: 1,
    column: 1,
  };
}
