-- wrk: requests of 10,000 hosts in turn, h0.example to h9999.example, the next one far from the last.
local requests, next_one = {}, 0

function init()
    for i = 0, 9999 do
        requests[i] = wrk.format("GET", nil, { Host = "h" .. i .. ".example" })
    end
end

function request()
    next_one = (next_one + 7919) % 10000
    return requests[next_one]
end
