"""Models that pass requests on to another model and see to one concern each.

They fit together in any order; this one keeps every promise:

    Recording(Cache(Timeout(Retry(Breaker(Budget(model))))))

Outside is what the asker sees: what was recorded, and an end to waiting. Inside, the budget sees each attempt.
"""
