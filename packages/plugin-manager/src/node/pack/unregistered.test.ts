import { expect, it } from 'vitest';
import type { Contributes } from '../../protocol/contributions.ts';
import { readModule } from './module-references.ts';
import { unregistered } from './unregistered.ts';

const contributes: Contributes = {
  navigation: [{ id: 'menu', title: 'Menu', to: '/menu' }],
  overviewWidget: [{ id: 'hello', title: 'Hello' }],
  command: [{ id: 'go', title: 'Go' }],
};

function judge(...sources: readonly string[]): readonly string[] {
  return unregistered(contributes, sources.map(readModule));
}

const go = `register('command', {id: 'go', run() {}});`;

it.each([
  ['as it is written', `c.register('overviewWidget', {id: 'hello', component: 1});${go}`],
  ['minified', 'const {register:e}=c;e(`overviewWidget`,{"id":`hello`});e("command",{id:"go"})'],
  ['with ids in a list', `for (const id of ['hello']) register('overviewWidget', {id, component: 1});${go}`],
  ['from a variable', `const widget = {id: 'hello'}; register('overviewWidget', widget);${go}`],
  ['by a helper', `const add = (kind, id) => register(kind, {id}); add('overviewWidget', 'hello');${go}`],
])('an entry that registers what is declared is told nothing, %s', (_, source) => {
  expect(judge(source)).toEqual([]);
});

it('what another script registers is registered', () => {
  expect(judge(go, `register('overviewWidget', {id: 'hello'})`)).toEqual([]);
});

it('an id that differs is told with those of the entry, and so is one that nothing registers', () => {
  expect(judge(`register('overviewWidget', {id: 'hallo', title: 'hello'});`)).toEqual([
    'package.json: fleetwire.contributes.overviewWidget declares "hello", and the entry registers "hallo" of that kind: give both the same id',
    'package.json: fleetwire.contributes.command declares "go", and the entry registers nothing of that kind: give both the same id',
  ]);
});
