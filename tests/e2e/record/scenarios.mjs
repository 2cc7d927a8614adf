// What is recorded of the clients: for each a list of scenarios; each is one home, one provider, one or more runs.
//
//   name    of the scenario, and of the folder its records go to
//   script  rules for the provider (provider/script.mjs)
//   runs    functions from what is known so far, {session, and each run's session under its name}, to
//           {as, args, env?, killAfter?}; `as` names the stream

const SESSION = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const COUNT_TO_FOURTEEN =
  '{{say: one two three four five six seven eight nine ten eleven twelve thirteen fourteen}}{{slow: 150}}'

// ---- claude

const LINES = ['--output-format', 'stream-json', '--verbose']
const claude = (as, prompt, ...more) => ({ as, args: ['-p', prompt, ...LINES, '--include-partial-messages', ...more] })
const once = (run) => ({ ...run, env: { CLAUDE_CODE_MAX_RETRIES: '1' } })
const single = (n, run) => ({
  name: run.as,
  runs: [() => ({ ...run, args: [...run.args, '--session-id', SESSION(n)] })],
})

const SIX_CALLS = '{{shell: ls}}'.repeat(6)

const CLAUDE = [
  single(1, { as: 'plain', args: ['-p', 'Say hello {{think}}', ...LINES] }),
  single(2, claude('partial', 'Say hello {{think}}')),
  single(3, claude('tool', 'Read it {{think}}{{shell: cat README.md}}')),
  single(4, claude('subagent', 'Ask {{agent: What is here? {{shell: ls}}}}')),
  single(5, claude('subagent-model', 'Ask {{agent: What is here? {{shell: ls}} model=haiku}}')),
  single(6, claude('subagent-nested', 'Ask {{agent: Ask on {{agent: Say it}}}}')),
  single(7, claude('subagent-background', 'Ask {{agent: What is here? {{shell: ls}}{{slow: 60}} background=yes}}')),
  {
    name: 'resume',
    runs: [
      () => claude('resume-1', 'Say hello {{think}}', '--session-id', SESSION(8)),
      ({ session }) => claude('resume-2', 'And again {{shell: ls}}', '--resume', session),
    ],
  },
  {
    name: 'fork',
    runs: [
      () => claude('fork-1', 'Say hello', '--session-id', SESSION(9)),
      ({ session }) =>
        claude('fork-2', 'And again {{plain}}', '--resume', session, '--fork-session', '--session-id', SESSION(10)),
    ],
  },
  {
    name: 'compact',
    runs: [
      () => claude('compact-1', 'Say hello {{shell: ls}}', '--session-id', SESSION(11)),
      ({ session }) => claude('compact-2', '/compact', '--resume', session),
      ({ session }) => claude('compact-3', 'Go on {{plain}}', '--resume', session),
    ],
  },
  single(12, claude('autocompact', `Work ${SIX_CALLS}{{tokens: input=160000 at=5}}`, '--autocompact', '100k')),
  single(
    13,
    claude(
      'autocompact-subagent',
      `Work {{agent: What is here? {{shell: ls}}}}${SIX_CALLS}{{tokens: input=160000 at=6}}`,
      '--autocompact',
      '100k',
    ),
  ),
  single(14, claude('budget-stop', 'Work {{loop: true}}', '--max-budget-usd', '0.02')),
  single(15, claude('max-turns', 'Work {{loop: true}}', '--max-turns', '2')),
  single(16, claude('haiku', 'Say hello', '--model', 'haiku', '--effort', 'low')),
  single(17, claude('sonnet', 'Say hello', '--model', 'sonnet', '--effort', 'high')),
  single(18, once(claude('401', 'Say hello {{fail: 401}}'))),
  single(19, once(claude('429', 'Say hello {{fail: 429}}'))),
  single(20, claude('429-retried', 'Say hello {{fail: 429 times=2 retry-after=1}}')),
  single(21, once(claude('529', 'Say hello {{fail: 529}}'))),
  single(22, claude('error-result', 'Say hello {{fail: 400}}')),
  single(23, claude('overflow', 'Say hello {{fail: overflow}}')),
  single(24, claude('cut', 'Say hello {{fail: cut times=1 after=4}}')),
  single(25, claude('error-event', 'Say hello {{fail: error times=1 after=4}}')),
  single(26, claude('no-usage', 'Say hello {{nousage}}')),
  single(27, { ...claude('interrupted', `Count ${COUNT_TO_FOURTEEN}`), killAfter: { text: 'five', signal: 'SIGINT' } }),
  single(28, {
    ...claude('killed', `Count {{shell: ls}}${COUNT_TO_FOURTEEN}`),
    killAfter: { text: 'five', signal: 'SIGKILL' },
  }),
]

// ---- codex

const codex = (as, prompt, ...more) => ({ as, args: ['exec', '--json', ...more, prompt] })
const alone = (run) => ({ name: run.as, runs: [() => run] })

const CODEX = [
  alone(codex('plain', 'Say hello {{think}}', '-c', 'model_reasoning_effort=low')),
  alone(codex('tool', 'Read it {{think}}{{shell: cat README.md}}')),
  {
    name: 'resume',
    runs: [
      () => codex('resume-1', 'Say hello {{think}}'),
      ({ session }) => ({ as: 'resume-2', args: ['exec', 'resume', '--json', session, 'And again {{shell: ls}}'] }),
    ],
  },
  {
    name: 'fork',
    runs: [
      () => codex('fork-1', 'Say hello {{shell: ls}}'),
      ({ session }) => ({ as: 'fork-2', args: ['exec', 'fork', '--json', session, 'And again {{plain}}'] }),
    ],
  },
  alone(
    codex(
      'autocompact',
      'Work {{shell: ls}}{{shell: ls}}{{tokens: input=60000 at=1}}',
      '-c',
      'model_auto_compact_token_limit=50000',
    ),
  ),
  alone(codex('cache-write', 'Say hello {{tokens: cache_write_5m=500}}')),
  alone(codex('unknown-model', 'Say hello', '-m', 'gpt-0-nobody')),
  alone(codex('401', 'Say hello {{fail: 401}}')),
  alone(codex('429', 'Say hello {{fail: 429}}')),
  alone(codex('429-retried', 'Say hello {{fail: 429 times=2 retry-after=1}}')),
  alone(codex('500-retried', 'Say hello {{fail: 500 times=2}}')),
  alone(codex('error-result', 'Say hello {{fail: 400}}')),
  alone(codex('overflow', 'Say hello {{fail: overflow}}')),
  alone(codex('cut', 'Say hello {{fail: cut times=1}}')),
  alone(codex('error-event', 'Say hello {{fail: error times=1}}')),
  alone(codex('no-usage', 'Say hello {{nousage}}')),
  alone({
    ...codex('interrupted', 'Work {{shell: ls}}{{shell: sleep 60}}'),
    killAfter: { text: 'sleep 60', signal: 'SIGINT' },
  }),
]

// ---- gemini

const gemini = (as, prompt, ...more) => ({
  as,
  args: ['-p', prompt, '-o', 'stream-json', '--skip-trust', '--yolo', ...more],
})

const GEMINI = [
  alone(gemini('plain', 'Say hello {{think}}', '-m', 'gemini-2.5-pro')),
  alone(gemini('tool', 'Read it {{think}}{{shell: cat README.md}}', '-m', 'gemini-2.5-flash')),
  alone(gemini('routed', 'Say hello {{think}}')),
  {
    name: 'resume',
    runs: [
      () => gemini('resume-1', 'Say hello', '-m', 'gemini-2.5-pro'),
      ({ session }) => gemini('resume-2', 'And again {{plain}}', '-m', 'gemini-2.5-flash', '-r', session),
    ],
  },
  alone(gemini('401', 'Say hello {{fail: 401}}', '-m', 'gemini-2.5-pro')),
]

// ---- opencode

const TITLE = ['--title', 'a title']
const opencode = (as, prompt, ...more) => ({ as, args: ['run', '--format', 'json', ...more, prompt] })

const OPENCODE = [
  alone(opencode('plain', 'Say hello {{think}}')),
  alone(opencode('tool', 'Read it {{think}}{{shell: cat README.md}}', ...TITLE)),
  alone(opencode('subagent', 'Ask {{agent: What is here? {{shell: ls}}}}', ...TITLE)),
  {
    name: 'resume',
    runs: [
      () => opencode('resume-1', 'Say hello', ...TITLE),
      ({ session }) => opencode('resume-2', 'And again {{plain}}', '-s', session),
    ],
  },
  {
    name: 'fork',
    runs: [
      () => opencode('fork-1', 'Say hello', ...TITLE),
      ({ session }) => opencode('fork-2', 'And again {{plain}}', '-s', session, '--fork'),
    ],
  },
  alone(opencode('error', 'Say hello {{fail: 400}}', ...TITLE)),
  alone(opencode('401', 'Say hello {{fail: 401}}', ...TITLE)),
]

export const SCENARIOS = { claude: CLAUDE, codex: CODEX, gemini: GEMINI, opencode: OPENCODE }
