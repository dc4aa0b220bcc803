import { AGENT_TEAM, API_VERSION } from '@agentteam/api';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { nearest } from '../check/nearest.ts';
import type { Problem } from '../problem.ts';
import { inText, type Locate, locator } from './locate.ts';
import { syntaxProblems } from './syntax.ts';

/** A document of a file. */
export interface ReadDocument {
  readonly object: Readonly<Record<string, unknown>>;
  /** Finds the position of a path in the file's text. */
  readonly locate: Locate;
  /** Completes a problem of the object with what the text says. */
  readonly inText: (problem: Problem) => Problem;
}

export interface ReadResult {
  readonly teams: readonly ReadDocument[];
  /** Documents of other kinds: ConfigMaps, Secrets, … */
  readonly others: readonly ReadDocument[];
  readonly problems: readonly Problem[];
}

/** Longest file in characters. People write team files by hand, so a longer one is a mistake or an attack. */
const MAX_TEXT = 2 << 20;
/** Most expansions of YAML aliases. Without a limit, a small file could expand to gigabytes. */
const MAX_ALIASES = 200;

/** Reads a file of one or more YAML or JSON documents. */
export function read(text: string): ReadResult {
  if (text.length > MAX_TEXT) {
    return {
      teams: [],
      others: [],
      problems: [
        {
          code: 'file-too-large',
          path: [],
          message: `the file has ${text.length} characters; the limit is ${MAX_TEXT}`,
          hint: 'put large inputs into a ConfigMap or a claim, and list it in spec.workspace.inputs',
        },
      ],
    };
  }
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    // Keeps the parser from printing warnings.
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const teams: ReadDocument[] = [];
  const others: ReadDocument[] = [];
  const problems: Problem[] = [];
  for (const document of documents) {
    const syntax = syntaxProblems(document, lineCounter, text);
    problems.push(...syntax);
    if (syntax.length > 0) continue;
    const object = toObject(document, problems);
    if (object === undefined) continue;
    const locate = locator(document, lineCounter);
    const found = { object, locate, inText: (one: Problem) => inText(one, document, locate) };
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
      message: 'the document is not a YAML mapping',
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
  const start = { code: 'no-team', path: [], line: 1, column: 1 };
  const create = '`agentteam init` creates a team file to start from';
  if (others.length === 0) return { ...start, message: 'the file is empty', hint: create };
  const kinds = others.map(({ object }) => object['kind']);
  const onCluster = kinds.some((kind) => ON_A_CLUSTER.has(kind));
  const mistaken = onCluster ? -1 : kinds.findIndex(isMistaken);
  const found = others[mistaken];
  if (found === undefined) {
    const message = `the file contains no ${AGENT_TEAM.kind}, but other kinds: ${kinds.join(', ')}`;
    return { ...start, message, hint: onCluster ? ON_A_CLUSTER_HINT : create };
  }
  const kind = kinds[mistaken];
  const message = kind === undefined ? '`kind` is missing' : `there is no kind \`${kind}\``;
  const hint = `write kind: ${AGENT_TEAM.kind}; ${create}`;
  const path = kind === undefined ? [] : ['kind'];
  return { code: 'no-team', path, message, hint, ...found.locate(['kind']) };
}

/** Whether a document was probably meant to be a team. */
function isMistaken(kind: unknown): boolean {
  return kind === undefined || nearest(String(kind), [AGENT_TEAM.kind]) !== undefined;
}

/** Kinds of ours of which only the controller makes teams. */
const ON_A_CLUSTER: ReadonlySet<unknown> = new Set(['AgentTeamTemplate', 'AgentTeamRun']);
const ON_A_CLUSTER_HINT =
  'templates and runs work on a cluster: apply them with kubectl; `agentteam submit --from-template NAME` starts a run';
