import { compileText } from '@agentteam/compiler';
import { expect, test } from '@jest/globals';
import { hostedTeam } from '../../../src/teams/cluster/cluster-team.ts';

test.each(['auth', 'n'.repeat(60)])(
  'the output claim of team %s is the one that its Workflow mounts',
  (name) => {
    const { compiled } = compileText(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: ${name}, namespace: sales }
spec:
  workspace: { output: {} }
  lead: { prompt: Lead. }
  teammates: [{ name: api, prompt: Go. }]
`);
    if (compiled === undefined) throw new Error('the team does not compile');
    const { team, workflow, claims } = compiled;
    const claim = claims.output?.metadata?.name;
    const volumes = workflow.spec.templates?.flatMap((template) => template.volumes ?? []);
    expect(volumes).toContainEqual({
      name: 'output',
      persistentVolumeClaim: { claimName: claim },
    });
    const { locations } = hostedTeam(team, undefined, {});
    expect(locations).toContainEqual({ title: 'Output', value: `claim sales/${claim}` });
  },
);
