--- The shapes of the views. Annotations only: nothing requires this file.
---@meta purser.views.types

--- A question to the core: a verb, and its arguments.
---@class (exact) purser.Question
---@field [1] string
---@field [2]? table

--- Everything that a view is drawn from. Nothing else is read while drawing, so the same context gives the same lines.
---@class purser.ViewContext
---@field width integer cells to draw in
---@field height integer rows in sight, for deciding how high a chart is
---@field now_ms integer
---@field today string "2026-11-24"
---@field month string "2026-11": the month shown, or a month of the year shown
---@field range purser.Range
---@field back? integer so many stretches of 30 or 90 days ago
---@field grain? purser.Grain the columns that were asked for
---@field billing? purser.Billing whose figures are shown
---@field billing_chosen? boolean by the user; else the first that there is anything of
---@field sort? { name: string, reverse?: boolean }
---@field filter? string
---@field coloured? boolean there are colours to tell shades apart
---@field printed? boolean for a terminal: there are no keys to press
---@field args { name?: any, scope?: "agent"|"workspace" }
---@field here string the workspace one is in
---@field data table<string, any> answers by the name of their question; nil: not there yet
---@field errors table<string, string>
---@field extra table what the view keeps for itself

---@alias purser.Range "month"|"30d"|"90d"|"year"

--- What an item of a drawn text is: <CR> opens it. Of a log the name is its filter.
---@class purser.Item.Target
---@field kind "agent"|"workspace"|"run"|"log"|"tab"|"budget"|"config"|"review"
---@field name any

--- Spend over time for a picture.
---@class (exact) purser.Trend
---@field title string
---@field total string
---@field points { title: string, label?: string, value: number }[] nano-dollars

--- A table for a file.
---@class (exact) purser.Export
---@field name string
---@field columns string[]
---@field rows any[][]
---@field trend? purser.Trend for a picture
---@field markdown? string it is a text, and no table

--- One file in this folder.
---@class purser.View
---@field name string
---@field tab? string the tab that is shown as active
---@field live? boolean drawn again while runs go on
---@field ranged? boolean shows a stretch of time
---@field monthly? boolean shows a month, and no other stretch
---@field billed? boolean shows one kind of billing; its answer `kinds` says which there are
---@field sortable? fun(ctx: purser.ViewContext): purser.ui.Column[]
---@field sorted? { name: string, reverse?: boolean } the order at first
---@field sorted_by_core? boolean another order is another question
---@field filtered? boolean has a filter
---@field filter_help? { [1]: string, [2]: string }[] what the filter understands
---@field title fun(ctx: purser.ViewContext): purser.ui.Chunk[]
---@field questions fun(ctx: purser.ViewContext): table<string, purser.Question>
---@field prepare? fun(ctx: purser.ViewContext) called when all answers are there
---@field draw fun(ctx: purser.ViewContext): purser.ui.Text
---@field keys? fun(browser: purser.Browser): purser.ui.Key[]
---@field export? fun(ctx: purser.ViewContext): purser.Export
