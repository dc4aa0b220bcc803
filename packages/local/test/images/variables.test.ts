import { expect, test } from '@jest/globals';
import { privateVariables, variable } from '../../src/images/image-engine.ts';

test('a variable with a prompt is in no command line', () => {
  const spec = { name: 'AGENTTEAM_SPEC', value: 'a prompt' };
  expect(variable(spec)).toEqual(['--env', 'AGENTTEAM_SPEC']);
  expect(privateVariables([spec])).toEqual({ AGENTTEAM_SPEC: 'a prompt' });
});

// Podman reads a name without a value that ends with an asterisk as all variables of its own environment that begin
// like this, and an image can name its variables as it likes.
test('no name that an image chooses stands for variables of this machine', () => {
  const pattern = { name: 'AGENTTEAM_*', value: '' };
  expect(variable(pattern)).toEqual(['--env', 'AGENTTEAM_*=']);
  expect(privateVariables([pattern])).toEqual({});
});
