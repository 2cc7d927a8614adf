// What is recorded: for each client a list of scenarios; each is one home, one provider, one or more runs.
//
//   name    of the fixtures
//   script  rules for the provider (provider/script.mjs)
//   runs    functions from what is known so far ({session}) to {as, args, env?, killAfter?}; `as` names the stream

const CLAUDE = ['--output-format', 'stream-json', '--verbose']
const PARTIAL = [...CLAUDE, '--include-partial-messages']

const claude = (as, prompt, ...more) => ({ as, args: ['-p', prompt, ...PARTIAL, ...more] })

export const SCENARIOS = {
  claude: [
    { name: 'plain', runs: [() => ({ as: 'plain', args: ['-p', 'Say hello {{think}}', ...CLAUDE] })] },
    { name: 'partial', runs: [() => claude('partial', 'Say hello {{think}}')] },
    { name: 'tool', runs: [() => claude('tool', 'Read it {{think}}{{shell: cat README.md}}')] },
    { name: 'subagent', runs: [() => claude('subagent', 'Ask {{agent: What is here? {{shell: ls}}}}')] },
  ],
  codex: [
    {
      name: 'plain',
      runs: [() => ({ as: 'plain', args: ['exec', '--json', '-c', 'model_reasoning_effort=low', 'Say hello {{think}}'] })],
    },
    {
      name: 'tool',
      runs: [() => ({ as: 'tool', args: ['exec', '--json', 'Read it {{think}}{{shell: cat README.md}}'] })],
    },
  ],
}
