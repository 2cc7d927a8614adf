#!/usr/bin/env bash
# scenes.sh - the scenes that `make screenshots` draws; screenshots says what they are made of.
# shellcheck shell=bash

scene_report() {
  open 108 34
  settle
  keys ':CostReport' Enter
  await 'Per day'
  picture report
}
