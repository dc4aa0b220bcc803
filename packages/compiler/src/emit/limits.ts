import type { Workflow } from '@agentteam/argo';
import { ENV } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** Argo keeps copies of templates in the status, and etcd takes objects of 1.5 MiB. */
const MAX_WORKFLOW_BYTES = 512 << 10;
/** Linux takes environment variables of 128 KiB (MAX_ARG_STRLEN), name and end included. */
const MAX_SPEC_BYTES = 120 << 10;

/** Problems with the size of what was compiled; the prompts are what can be shortened. */
export function checkLimits(workflow: Workflow, team: ResolvedTeam): readonly Problem[] {
  const total = utf8Length(JSON.stringify(workflow));
  const problems: Problem[] = [];
  if (total > MAX_WORKFLOW_BYTES) {
    problems.push({
      code: 'workflow-too-large',
      path: ['spec'],
      message: `the Workflow has ${total} bytes; a cluster takes ${MAX_WORKFLOW_BYTES}`,
      hint: largest(team),
    });
  }
  for (const template of workflow.spec.templates ?? []) {
    for (const { name, value = '' } of template.container?.env ?? []) {
      if (name !== ENV.spec || utf8Length(value) <= MAX_SPEC_BYTES) continue;
      problems.push({
        code: 'step-too-large',
        path: ['spec'],
        message: `what the step ${template.name} is told has ${utf8Length(value)} bytes; at most ${MAX_SPEC_BYTES} can be passed`,
        hint: largest(team),
      });
    }
  }
  return problems;
}

function largest(team: ResolvedTeam): string {
  const prompts = [...team.members]
    .sort((a, b) => b.prompt.length - a.prompt.length)
    .slice(0, 3)
    .map(({ name, prompt }) => `${name} (${prompt.length} characters)`);
  return `put long instructions into a file that the agents read; the longest prompts: ${prompts.join(', ')}`;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
