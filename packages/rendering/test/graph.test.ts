import type { StepDetail } from '@agentteam/detail';
import { expect, test } from '@jest/globals';
import { layOutSteps } from '../src/index.ts';

const step = (name: string, dependsOn: readonly string[] = [], kind = 'agent'): StepDetail => ({
  name,
  title: name,
  kind: kind as StepDetail['kind'],
  dependsOn,
  level: 0,
  state: 'waiting',
  attempts: 0,
});
const SIZE = { width: 200, height: 50 };

test('each step is behind those that it waits for, and no line repeats what others imply', () => {
  const steps = [
    step('Lead'),
    step('a'),
    step('b', ['a']),
    step('Roll-call', ['a', 'b'], 'roll-call'),
    step('Finish', ['Lead', 'a', 'b', 'Roll-call'], 'finish'),
  ];
  const { steps: placed, edges } = layOutSteps(steps, SIZE);
  const x = new Map(placed.map(({ step: { name }, x: left }) => [name, left]));
  expect([...x.keys()]).toEqual(['Lead', 'a', 'b', 'Finish']);
  expect(x.get('b')).toBeGreaterThanOrEqual((x.get('a') ?? 0) + SIZE.width);
  expect(x.get('Finish')).toBeGreaterThanOrEqual((x.get('b') ?? 0) + SIZE.width);
  expect(edges).toHaveLength(3);
});

test('the lead is on top, and no line leaves the drawing', () => {
  const mates = Array.from({ length: 15 }, (_, index) =>
    step(`m${index}`, index < 3 ? [] : ['m0']),
  );
  const all = [step('Lead'), ...mates];
  const names = all.map(({ name }) => name);
  const { steps: placed, edges, height } = layOutSteps([...all, step('Finish', names)], SIZE);
  const tops = placed.filter(({ x }) => x === 0).map(({ y }) => y);
  expect(placed.find(({ step: { name } }) => name === 'Lead')?.y).toBe(Math.min(...tops));
  const ys = edges.flatMap((path) => [...path.matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y)));
  expect(Math.min(...ys, ...tops)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...ys)).toBeLessThanOrEqual(height);
});

test('steps that wait for each other, or have the same name, are drawn', () => {
  const steps = [step('a', ['b', 'a']), step('b', ['a']), step('b', ['c']), step('c', ['none'])];
  expect(layOutSteps(steps, SIZE).steps.map(({ step: { name } }) => name)).toEqual(['a', 'b', 'c']);
});
