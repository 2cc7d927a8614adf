// The script file: behaviour for requests whose prompt a test cannot write (titles, compactions, sub-agents, the n-th
// request whoever makes it).
//
//   {"rules": [{"when": {"kind": "compaction"}, "do": "{{fail: 529 times=1}}"}, …]}
//
// "when" may name dialect, kind, model (a part of it), prompt (a part of the turn's text), n (the request's number)
// and turn (its place in the turn); all must fit. Every rule that fits is applied, in the file's order, and the
// markers of the prompt come last, so that the prompt has the last word.

import fs from 'node:fs'
import { parseDirectives } from './directives.mjs'

export function loadScript(file) {
  if (!file) return []
  const script = JSON.parse(fs.readFileSync(file, 'utf8'))
  return script.rules.map((rule, index) => ({
    when: rule.when ?? {},
    directives: parseDirectives(rule.do).map((d, k) => ({ ...d, owner: `script ${index}.${k}` })),
  }))
}

export function matching(rules, { dialect, kind, n, view }) {
  const fits = (when) =>
    (when.dialect === undefined || when.dialect === dialect) &&
    (when.kind === undefined || when.kind === kind) &&
    (when.model === undefined || view.model.includes(when.model)) &&
    (when.prompt === undefined || view.texts.some((text) => text.includes(when.prompt))) &&
    (when.n === undefined || when.n === n) &&
    (when.turn === undefined || when.turn === view.rounds + 1)
  return rules.filter((rule) => fits(rule.when)).flatMap((rule) => rule.directives)
}
