-- Drives the editor as its user would, and writes what there was to see into result.json.
local seen = {}
local step

local function buffer()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local function await(condition)
  while not condition() do
    vim.defer_fn(step, 20)
    coroutine.yield()
  end
end

local function changed()
  local before = buffer()
  return function() return buffer() ~= before end
end

vim.ui.select = function(items, _, choose)
  -- From Neovim 0.10 on, an item is a table with the action.
  seen.offered = vim.tbl_map(function(item) return (item.action or item[2]).title end, items)
  choose(items[1])
end

step = coroutine.wrap(function()
  await(function() return #vim.diagnostic.get(0) > 0 end)
  local found = vim.diagnostic.get(0)
  seen.findings = vim.tbl_map(function(one)
    return { line = one.lnum, column = one.col, ends = one.end_col, text = one.message }
  end, found)

  vim.api.nvim_win_set_cursor(0, { found[1].lnum + 1, found[1].col })
  local fixed = changed()
  vim.lsp.buf.code_action()
  await(fixed)
  await(function() return #vim.diagnostic.get(0) == 0 end)
  seen.fixed = buffer()

  vim.api.nvim_input("ggologg")
  await(function() return buffer():find("logg") end)
  local completed = changed()
  vim.api.nvim_input("<C-x><C-o>")
  await(completed)
  vim.api.nvim_input("<C-y><Esc>")
  await(function() return vim.api.nvim_get_mode().mode == "n" end)
  seen.completed = buffer()

  vim.fn.writefile({ vim.json.encode(seen) }, "result.json")
  vim.cmd("qa!")
end)
vim.defer_fn(step, 0)
