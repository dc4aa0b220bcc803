import type { Problem } from '@agentteam/compiler';
import { REFERENCE_KINDS, readReference, reference, referencesIn } from './references.ts';
import type { AgentScript, Script, ScriptedError, ToolCall, Turn } from './script.ts';

type Path = Problem['path'];

/** What no schema can say: turns that say nothing, labels twice, references to what is not there. */
export function checkTurns({ agents }: Script): readonly Problem[] {
  return Object.entries(agents).flatMap(([name, agent]) => checkAgent(agent, ['agents', name]));
}

function checkAgent({ turns, idle }: AgentScript, path: Path): readonly Problem[] {
  const labels = new Set<string>();
  const problems: Problem[] = [];
  problems.push(...checkReferences(idle, [...path, 'idle'], labels));
  for (const [index, turn] of turns.entries()) {
    const at = [...path, 'turns', index];
    problems.push(...checkTurn(turn, at, labels));
    for (const [number, { as }] of (turn.tools ?? []).entries()) {
      if (as === undefined) continue;
      if (labels.has(as)) {
        const where = [...at, 'tools', number, 'as'];
        problems.push({ code: 'repeated-label', path: where, message: `\`${as}\` is taken` });
      }
      labels.add(as);
    }
  }
  return problems;
}

function checkTurn(turn: Turn, path: Path, labels: ReadonlySet<string>): readonly Problem[] {
  const { text, tools = [], errors = [] } = turn;
  const empty: Problem = {
    code: 'empty-turn',
    path,
    message: 'the turn says nothing and calls nothing',
    hint: 'give it `text`, `tools` or both',
  };
  return [
    ...(text === undefined && tools.length === 0 ? [empty] : []),
    ...checkReferences(text, [...path, 'text'], labels),
    ...tools.flatMap((call, index) => checkCall(call, [...path, 'tools', index], labels)),
    ...errors.flatMap((error, index) => checkError(error, [...path, 'errors', index])),
  ];
}

function checkCall(
  call: Partial<ToolCall>,
  path: Path,
  labels: ReadonlySet<string>,
): readonly Problem[] {
  const references = checkReferences(call.input, [...path, 'input'], labels);
  if ('name' in call === 'mcp' in call) {
    const message = 'the call needs one of `name` and `mcp`';
    return [{ code: 'which-tool', path, message }, ...references];
  }
  if ('tool' in call && !('mcp' in call)) {
    const message = '`tool` is for calls with `mcp`; with `name` the name says it all';
    return [{ code: 'which-tool', path: [...path, 'tool'], message }, ...references];
  }
  return references;
}

function checkError({ status, cutAfter }: ScriptedError, path: Path): readonly Problem[] {
  if ((status === undefined) !== (cutAfter === undefined)) return [];
  const message = 'the error needs one of `status` and `cutAfter`';
  return [{ code: 'which-error', path, message }];
}

/** Looks into all texts of a value. */
function checkReferences(
  value: unknown,
  path: Path,
  labels: ReadonlySet<string>,
): readonly Problem[] {
  if (typeof value === 'string') {
    return referencesIn(value).flatMap((text) => checkReference(text, path, labels) ?? []);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    checkReferences(inner, [...path, Array.isArray(value) ? Number(key) : key], labels),
  );
}

function checkReference(
  text: string,
  path: Path,
  labels: ReadonlySet<string>,
): Problem | undefined {
  const read = readReference(text);
  if (read === undefined) {
    return {
      code: 'unknown-reference',
      path,
      message: `\`${reference(text)}\` is not a reference`,
      hint: `references begin with ${REFERENCE_KINDS.join(', ')}; for a literal one write $${reference(text)}`,
    };
  }
  if (read.kind !== 'result' || labels.has(read.name)) return undefined;
  const known = [...labels].join(', ') || 'none';
  return {
    code: 'unknown-label',
    path,
    message: `no call before this one is labelled \`${read.name}\``,
    hint: `labels so far: ${known}`,
  };
}
