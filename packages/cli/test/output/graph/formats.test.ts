import type { Workflow } from '@agentteam/argo';
import { readDag } from '@agentteam/status';
import { expect, test } from '@jest/globals';
import { formatGraph } from '../../../src/output/graph/formats.ts';

const workflow: Workflow = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'q3-report' },
  spec: {
    entrypoint: 'team',
    templates: [
      {
        name: 'team',
        dag: {
          tasks: [
            { name: 'Lead', template: 'lead' },
            { name: 'end', template: 'agent-end' },
            { name: 'Approve-spawn-mailer', template: 'gate', depends: 'end.Succeeded' },
            {
              name: 'mailer',
              template: 'agent-mailer',
              depends: 'end.Succeeded && Approve-spawn-mailer.Succeeded',
              when: '{{tasks.Approve-spawn-mailer.outputs.parameters.decision}} == approve',
            },
            {
              name: 'Roll-call',
              template: 'roll-call',
              depends: 'end.Failed || end.Omitted || mailer.Failed || mailer.Skipped',
            },
            {
              name: 'Deliver',
              template: 'deliver',
              depends: 'Lead.Succeeded && end.Succeeded && mailer.Succeeded',
            },
          ],
        },
      },
    ],
  },
};
const tasks = readDag(workflow);

test('formats text', () => {
  expect(`\n${formatGraph.text(tasks).join('\n')}\n`).toBe(`
    STEP                         AFTER
1   lead
    end
2   ◆ approval of spawn-mailer   end
3   mailer                       end, approval of spawn-mailer (if approved)
4   Roll-call                    end, mailer (if a teammate is missing)
    Deliver                      lead, end, mailer
`);
});

test('formats Mermaid, with ids that are not keywords of Mermaid', () => {
  expect(formatGraph.mermaid(tasks)).toEqual(
    expect.arrayContaining([
      'flowchart LR',
      '  s_end["end"]',
      '  s_Approve_spawn_mailer{{"approval of spawn-mailer"}}',
      '  s_Approve_spawn_mailer -- approved --> s_mailer',
    ]),
  );
});

test('formats DOT', () => {
  expect(formatGraph.dot(tasks)).toEqual(
    expect.arrayContaining([
      '  "lead";',
      '  "approval of spawn-mailer" [shape=diamond];',
      '  "approval of spawn-mailer" -> "mailer" [label="approved"];',
      '  "lead" -> "Deliver";',
    ]),
  );
});
