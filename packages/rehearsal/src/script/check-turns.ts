import type { Problem } from '@agentteam/compiler';
import { REFERENCE_KINDS, readReference, reference, referencesIn } from './references.ts';
import type { AgentScript, Script, ScriptedError, ToolCall, Turn } from './script.ts';

type Path = Problem['path'];

/** Checks what the schema cannot express: empty turns, repeated labels, unknown references. */
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
        problems.push({
          code: 'repeated-label',
          path: where,
          message: `another call has the label \`${as}\``,
        });
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
    message: 'the turn has neither text nor tools',
    hint: 'add `text`, `tools` or both',
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
    const message = 'the call needs either `name` or `mcp`';
    return [{ code: 'which-tool', path, message }, ...references];
  }
  if ('tool' in call && !('mcp' in call)) {
    const message = '`tool` is only allowed together with `mcp`';
    return [{ code: 'which-tool', path: [...path, 'tool'], message }, ...references];
  }
  return references;
}

function checkError({ status, cutAfter }: ScriptedError, path: Path): readonly Problem[] {
  if ((status === undefined) !== (cutAfter === undefined)) return [];
  const message = 'the error needs either `status` or `cutAfter`';
  return [{ code: 'which-error', path, message }];
}

/** Checks all texts inside a value. */
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
      message: `unknown reference \`${reference(text)}\``,
      hint: `references start with ${REFERENCE_KINDS.join(', ')}; write $${reference(text)} for the literal text`,
    };
  }
  if (read.kind !== 'result' || labels.has(read.name)) return undefined;
  const known = [...labels].join(', ') || 'none';
  return {
    code: 'unknown-label',
    path,
    message: `no earlier call has the label \`${read.name}\``,
    hint: `labels of earlier calls: ${known}`,
  };
}
