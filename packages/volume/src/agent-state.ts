import { join } from 'node:path';
import {
  AGENT_PHASES,
  type AgentReport,
  type AgentState,
  FILES,
  isRecord,
  MOST_AGENTS,
  type Notice,
  REPORT_OUTCOMES,
} from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { listNames } from './file/list.ts';
import { isSafeName, safeName } from './file/name.ts';
import { inDirectory } from './file/open-directory.ts';
import { readJsonOfAgent, refusalOf } from './file/read.ts';
import { writeJson } from './file/write.ts';

/**
 * @param directory the agent's own state directory: `PATHS.ownState`, or `state/<agent>` on the whole
 *   volume. It must exist.
 */
export async function writeAgentState(directory: string, state: AgentState): Promise<void> {
  await writeJson(join(directory, FILES.state), withinLimits(state));
}

/** @param directory the states of all agents: `<directory>/<agent>/state.json`. */
export async function readAgentState(
  directory: string,
  agent: string,
): Promise<AgentState | undefined> {
  return (await readOne(directory, safeName(agent))).state;
}

/** Reads the state in an agent's own state directory. */
export async function readStateIn(
  directory: string,
  agent: string,
): Promise<AgentState | undefined> {
  const reading = await readJsonOfAgent(join(directory, FILES.state), LIMITS.stateBytes);
  return 'value' in reading ? toAgentState(reading.value, agent) : undefined;
}

/**
 * Reads all states in a directory, by agent. Agents without a state are not in the result.
 * @param known agents that are read first, no matter how many others are there.
 */
export async function readAgentStates(
  directory: string,
  known: readonly string[] = [],
): Promise<ReadonlyMap<string, AgentState>> {
  return (await readStates(directory, known)).states;
}

export interface ReadStates {
  readonly states: ReadonlyMap<string, AgentState>;
  readonly notices: readonly Notice[];
}

/** Like {@link readAgentStates}, with notices about what was not read. */
export async function readStates(
  directory: string,
  known: readonly string[] = [],
): Promise<ReadStates> {
  const listing = await inDirectory(directory, [], listNames);
  const { names, cut } = listing ?? { names: [], cut: false };
  const all = [...new Set([...known, ...names])].filter(isSafeName);
  // A team has at most this many agents, each with one directory.
  const some = all.slice(0, Math.max(known.length, MOST_AGENTS));
  const read = await mapFew(some, (name) => readOne(directory, name));
  return {
    states: new Map(read.flatMap(({ state }) => (state ? [[state.name, state] as const] : []))),
    notices: [
      ...(cut || all.length > some.length
        ? [tooMany(cut ? LIMITS.names : all.length - 1, some.length)]
        : []),
      ...read.flatMap(({ notice }) => notice ?? []).slice(0, MAX_NOTICES),
    ],
  };
}

/** Leaves room for notices about other files. */
const MAX_NOTICES = 8;

function tooMany(count: number, read: number): Notice {
  const place = 'state';
  const message = `${place} has more than ${count} entries; only ${read} of them were read.`;
  return { place, message };
}

async function readOne(
  directory: string,
  agent: string,
): Promise<{ readonly state?: AgentState; readonly notice?: Notice }> {
  const reading = await inDirectory(directory, [agent], (path) =>
    readJsonOfAgent(join(path, FILES.state), LIMITS.stateBytes),
  ).catch(refusalOf);
  if (reading === undefined || 'missing' in reading) return {};
  const state = 'value' in reading ? toAgentState(reading.value, agent) : undefined;
  if (state !== undefined) return { state };
  const place = `state/${agent}/${FILES.state}`;
  const why = 'refused' in reading ? reading.refused : 'is not the state of an agent';
  return { notice: { place, agent, message: `${place} ${why} and was not read.` } };
}

/** The name comes from the directory, because only the agent itself can write there. */
function toAgentState(value: unknown, name: string): AgentState | undefined {
  if (!isAgentState(value)) return undefined;
  const { phase, attempt, sessionId, startedAt, endedAt, report, message, turns } = value;
  const { work, leftOut, repairs } = value;
  const reported = toReport(value.reported);
  return withinLimits({
    name,
    phase,
    attempt,
    sessionId,
    startedAt,
    turns,
    ...(endedAt !== undefined && { endedAt }),
    ...(report !== undefined && { report }),
    ...(message !== undefined && { message }),
    ...(reported !== undefined && { reported }),
    ...(work !== undefined && { work }),
    ...(leftOut !== undefined && { leftOut }),
    ...(repairs !== undefined && { repairs }),
  });
}

/** @returns `undefined` for anything that is not a report; the agent is then asked for one. */
function toReport(value: unknown): AgentReport | undefined {
  if (!isRecord(value)) return undefined;
  const { summary, reason } = value;
  const outcome = REPORT_OUTCOMES.find((known) => known === value['outcome']);
  if (outcome === undefined || typeof summary !== 'string') return undefined;
  return { outcome, summary, ...(typeof reason === 'string' && { reason }) };
}

/** The number of latest sentences of each kind that a state keeps. */
const MAX_SENTENCES = 8;

/**
 * Shortens the texts of a state that other programs read. The writer does this, and the reader does it again.
 */
function withinLimits(state: AgentState): AgentState {
  const { report, message, reported, leftOut, repairs } = state;
  return {
    ...state,
    ...(reported !== undefined && { reported: reportWithinLimits(reported) }),
    ...(report !== undefined && { report: cutText(report, LIMITS.reportCharacters) }),
    ...(message !== undefined && { message: cutText(message, LIMITS.snapshotCharacters) }),
    ...(leftOut !== undefined && { leftOut: latest(leftOut) }),
    ...(repairs !== undefined && { repairs: latest(repairs) }),
  };
}

function latest(sentences: readonly string[]): readonly string[] {
  return sentences.slice(-MAX_SENTENCES).map((text) => cutText(text, 500));
}

function reportWithinLimits({ outcome, summary, reason }: AgentReport): AgentReport {
  return {
    outcome,
    summary: cutText(summary, LIMITS.summaryCharacters),
    ...(reason !== undefined && { reason: cutText(reason, LIMITS.reasonCharacters) }),
  };
}

function isAgentState(value: unknown): value is AgentState {
  return (
    isRecord(value) &&
    AGENT_PHASES.some((phase) => phase === value['phase']) &&
    isCount(value['attempt']) &&
    isCount(value['turns']) &&
    isShort(value['sessionId']) &&
    isShort(value['startedAt']) &&
    ['endedAt', 'work'].every((field) => value[field] === undefined || isShort(value[field])) &&
    ['report', 'message'].every(
      (field) => value[field] === undefined || typeof value[field] === 'string',
    ) &&
    ['leftOut', 'repairs'].every((field) => isSentences(value[field]))
  );
}

function isSentences(value: unknown): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.every((text) => typeof text === 'string'))
  );
}

/** An id or a time. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
