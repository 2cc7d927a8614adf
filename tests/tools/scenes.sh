# shellcheck shell=bash
# The scenes that `make screenshots` draws; screenshots says what they are made of.

scene_welcome() {
  open 100 30
  await 'the one on board'
  picture welcome
}

scene_run() {
  open 100 30
  await 'the one on board'
  keys ':AgentRun demo Review lua/upload.lua' Enter
  await 'say which id it was'
  picture run
}

scene_report() {
  open 108 34
  await 'the one on board'
  keys ':CostReport' Enter
  await 'Per day'
  picture report
  keys '?'
  picture report-help
}

scene_year() {
  open 108 40
  await 'the one on board'
  keys ':CostReport' Enter
  await 'Per day'
  keys 'Y'
  await 'Per month'
  picture report-year
}

scene_agent() {
  open 108 40
  await 'the one on board'
  keys ':CostReport agent reviewer' Enter
  await 'last 90 days'
  picture report-agent
}

scene_log() {
  open 108 30
  await 'the one on board'
  keys ':CostReport log' Enter
  await 'newest first'
  picture report-log
  keys Enter
  await 'Request at'
  picture report-run
}

scene_narrow() {
  open 60 30
  await 'the one on board'
  keys ':CostReport' Enter
  await 'this month'
  picture report-narrow
}

scene_budget() {
  open 100 30
  await 'the one on board'
  keys ':Purser budget' Enter
  await 'change  + raise'
  picture budget
}

scene_agents() {
  open 100 30
  await 'the one on board'
  keys ':Purser agents' Enter
  await 'sketch'
  picture agents
}
