import type { Workflow } from '@agentteam/argo';
import type { Problem } from '../problem.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { specText } from './emitted-spec.ts';
import { bytesAtMost, MOST_BYTES_PER_UNIT, utf8Length } from './json-size.ts';

/** etcd accepts objects of 1.5 MiB. Argo's status of the nodes and their outputs needs the rest. */
const MAX_WORKFLOW_BYTES = 768 << 10;
/** Linux limits an environment variable, with its name and end, to 128 KiB (MAX_ARG_STRLEN). */
const MAX_SPEC_BYTES = 120 << 10;

/** Checks the size of a compiled Workflow. The hints name the longest prompts, which can be shortened. */
export function checkLimits(workflow: Workflow, team: ResolvedTeam): readonly Problem[] {
  const problems: Problem[] = [];
  const total =
    bytesAtMost(workflow, MAX_WORKFLOW_BYTES) > MAX_WORKFLOW_BYTES
      ? utf8Length(JSON.stringify(workflow))
      : 0;
  if (total > MAX_WORKFLOW_BYTES) {
    problems.push({
      code: 'workflow-too-large',
      path: ['spec'],
      message: `the compiled Workflow is ${total} bytes; the limit is ${MAX_WORKFLOW_BYTES}`,
      hint: promptHint(team),
    });
  }
  const { arguments: given, templates = [] } = workflow.spec;
  const checkSpec = (name: string, text: string) => {
    const bytes = text.length * MOST_BYTES_PER_UNIT > MAX_SPEC_BYTES ? utf8Length(text) : 0;
    if (bytes <= MAX_SPEC_BYTES) return;
    problems.push({
      code: 'step-too-large',
      path: ['spec'],
      message: `the spec for ${name} is ${bytes} bytes; the limit is ${MAX_SPEC_BYTES}`,
      hint: promptHint(team),
    });
  };
  for (const { value = '' } of given?.parameters ?? []) checkSpec('each pod', value);
  for (const template of templates) {
    checkSpec(`the step ${template.name}`, specText(template) ?? '');
  }
  return problems;
}

function promptHint({ agents }: ResolvedTeam): string {
  const longest = agents
    .map(({ name, role, prompt }) => ({ name: role === 'lead' ? 'lead' : name, prompt }))
    .toSorted((a, b) => b.prompt.length - a.prompt.length)
    .slice(0, 3)
    .map(({ name, prompt }) => `${name} (${prompt.length} characters)`);
  return `move long instructions into a file that the agents read; the longest prompts are: ${longest.join(', ')}`;
}
