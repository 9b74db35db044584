-- Asks cordond whether a request may pass. Only status 200 of cordond sets txn.cordon_status to "200"; a timeout, a lost
-- connection, an error of this script or any other status leaves it at what refuses.
--
-- From the environment: CORDON_URL (http://127.0.0.1:8920), CORDON_KEY (role decide), CORDON_TIMEOUT_MS (1000).
-- HAProxy must be told action, service and role: http-request lua.cordon content.view site viewer
local url = os.getenv("CORDON_URL") or "http://127.0.0.1:8920"
local key = os.getenv("CORDON_KEY") or ""
local timeout = tonumber(os.getenv("CORDON_TIMEOUT_MS") or "1000")

local function first(headers, name)
    local values = headers and headers[name]
    return values and values[0] or ""
end

local function ask(txn, action, service, role)
    txn:set_var("txn.cordon_status", "503") -- until there is an answer
    local headers = {
        ["authorization"] = { "Bearer " .. key },
        ["cordon-client-address"] = { txn.f:src() },
    }
    local trace = txn.sf:req_hdr("traceparent")
    if trace ~= "" then
        headers["traceparent"] = { trace }
    end
    local ok, response = pcall(function()
        return core.httpclient():get({
            url = url .. "/v1/enforce/" .. action .. "/" .. service .. "/" .. role,
            headers = headers,
            timeout = timeout,
        })
    end)
    if not ok or not response then
        return
    end
    txn:set_var("txn.cordon_link", first(response.headers, "link"))
    txn:set_var("txn.cordon_verdict", first(response.headers, "cordon-verdict"))
    txn:set_var("txn.cordon_status", tostring(response.status))
end

core.register_action("cordon", { "http-req" }, ask, 3)
