namespace Tests.Wallet;

/// <summary>What can be wrong in the books of <see cref="LedgerAuditTests"/>, one at a time, and all that the audit says of it.</summary>
internal static class Corruptions
{
    public static readonly (string Sql, string[] Said)[] All =
    [
        ("UPDATE wallets SET posted_micro = posted_micro + 1500000 WHERE account_id = '{A}'",
        [
            "478.5 credit are posted in the credit wallet of account {A} where its entries add to 477 credit: 1.5 credit too much; its lots agree with the entries, so the balance was changed without a booking.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:cap}'; DELETE FROM ledger_transactions WHERE id = '{t:cap}'",
        [
            "477 credit are posted in the credit wallet of account {A} where its entries add to 507 credit: 30 credit too little; its lots agree with the balance, so a booking is missing or one too many. Suspect: hold {h40} was captured for exactly that and has no booking.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
            "Hold {h40} of account {A} was captured for 30 credit where no booking earned 0 credit: 30 credit too much.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:soon}'; DELETE FROM ledger_transactions WHERE id = '{t:soon}'",
        [
            "477 credit are posted in the credit wallet of account {A} where its entries add to 470 credit: 7 credit too much; its lots agree with the balance, so a booking is missing or one too many. Suspect: lot {soon} brought exactly that and has no booking.",
            "7 credit are left of lot {soon} (signup_bonus) of account {A} where its entries add to 0 credit: 7 credit too much.",
            "Lot {soon} of account {A} brought 7 credit and no booking says that they came from signup_bonus.",
        ]),
        ("""
         INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, created_at)
         SELECT account_id, 'copy', unit, kind, 'copy', description, created_at FROM ledger_transactions WHERE id = '{t:cap}';
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
         SELECT account_id, 'copy', line, unit, book, amount_micro, grant_id, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}'
         """,
        [
            "477 credit are posted in the credit wallet of account {A} where its entries add to 447 credit: 30 credit too much; its lots agree with the balance, so a booking is missing or one too many. Suspect: transaction copy or transaction {t:cap} alone is exactly that: it is in the entries and not in the balance.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 40 credit: 30 credit too much. Suspect: transaction copy or transaction {t:cap} alone is exactly that: it is in the entries and not in the lot.",
        ]),
        ("DELETE FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "The entries of transaction {t:cap} of account {A} add to 30 credit, not to zero. Suspect: line 0 is missing.",
            "Transaction {t:cap} (usage) of account {A} has 1 entries where it must have two or more.",
            "477 credit are posted in the credit wallet of account {A} where its entries add to 507 credit: 30 credit too little; its lots agree with the balance, so a booking is missing or one too many.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("""
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
         SELECT account_id, transaction_id, 2, unit, book, amount_micro, grant_id, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 1
         """,
        [
            "The entries of transaction {t:cap} of account {A} add to 30 credit, not to zero. Suspect: line 2 says what another line said before: it was written twice.",
            "Hold {h40} of account {A} was captured for 30 credit where transaction {t:cap} earned 60 credit: 30 credit too little.",
        ]),
        ("""
         INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, created_at)
         SELECT account_id, transaction_id, 2, unit, 'house:expired', 1000000, created_at FROM ledger_entries WHERE transaction_id = '{t:cap}' AND line = 1
         """,
        [
            "The entries of transaction {t:cap} of account {A} add to 1 credit, not to zero. Suspect: line 2 (house:expired) alone is exactly that.",
        ]),
        ("DELETE FROM ledger_transactions WHERE id = '{t:refund}'",
            ["2 entries of account {A} belong to transaction {t:refund}, which does not exist."]),
        ("""
         INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, created_at)
         VALUES ('{A}', 'empty', 'credit', 'usage', 'empty', '', 0)
         """,
            ["Transaction empty (usage) of account {A} has 0 entries where it must have two or more."]),
        ("UPDATE ledger_entries SET unit = 'vc' WHERE transaction_id = '{t:cap}' AND line = 1",
            ["Line 1 of transaction {t:cap} of account {A} counts in vc where its transaction counts in credit."]),
        ("UPDATE ledger_entries SET book = 'pocket' WHERE transaction_id = '{t:refund}' AND line = 1",
        [
            "Line 1 of transaction {t:refund} of account {A} is in a book that does not exist: pocket.",
            "100 credit were taken back of the lots of the credit wallet of account {A} where its refunds add to 0 credit: 100 credit too much. Suspect: lot {pack} says exactly that of itself.",
        ]),
        ("UPDATE ledger_entries SET grant_id = 'nowhere' WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "Line 0 of transaction {t:cap} of account {A} names a lot that does not exist: nowhere.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("UPDATE ledger_entries SET grant_id = NULL WHERE transaction_id = '{t:cap}' AND line = 0",
        [
            "Line 0 of transaction {t:cap} of account {A} names no lot.",
            "70 credit are left of lot {gift} (signup_bonus) of account {A} where its entries add to 100 credit: 30 credit too little.",
        ]),
        ("UPDATE ledger_entries SET grant_id = '{gift}' WHERE transaction_id = '{t:cap}' AND line = 1",
            ["Line 1 of transaction {t:cap} of account {A} names a lot, though its book has none: {gift}."]),
        ("DELETE FROM wallets WHERE account_id = '{D}'",
            ["Account {D} has transactions, lots or holds in credit, and no wallet in it."]),
        ("UPDATE wallets SET owed_micro = 0 WHERE account_id = '{D}'",
        [
            "0 credit are owed in the credit wallet of account {D} where its entries add to 4 credit: 4 credit too little. Suspect: transaction {t:owing} alone is exactly that: it is in the entries and not in what is owed.",
        ]),
        ("UPDATE wallets SET owed_micro = 1 WHERE account_id = '{A}'",
        [
            "0.000001 credit are owed in the credit wallet of account {A} where its entries add to 0 credit: 0.000001 credit too much.",
            "0.000001 credit are owed in the credit wallet of account {A} while 397 credit lie free there, which must pay it first.",
        ]),
        ("UPDATE wallets SET held_micro = held_micro + 25000000 WHERE account_id = '{A}'",
        [
            "105 credit are held in the credit wallet of account {A} where its open holds add to 80 credit: 25 credit too much; its lots agree with the holds, so the wallet is wrong. Suspect: hold {h25}, now released, reserved exactly that: its end did not reach the wallet.",
        ]),
        ("UPDATE wallets SET held_micro = 0 WHERE account_id = '{A}'",
        [
            "0 credit are held in the credit wallet of account {A} where its open holds add to 80 credit: 80 credit too little; its lots agree with the holds, so the wallet is wrong. Suspect: hold {h80} is open for exactly that: the wallet does not know of it.",
        ]),
        ("DELETE FROM holds WHERE id = '{h80}'",
        [
            "80 credit are held in the credit wallet of account {A} where its open holds add to 0 credit: 80 credit too much; its lots agree with the wallet, so a hold is missing or one too many.",
            "2 lots of account {A} are reserved for hold {h80}, which is not there at all.",
        ]),
        ("UPDATE holds SET status = 'released', resolved_at = 1 WHERE id = '{h80}'",
        [
            "80 credit are held in the credit wallet of account {A} where its open holds add to 0 credit: 80 credit too much; its lots agree with the wallet, so a hold is missing or one too many. Suspect: hold {h80}, now released, reserved exactly that: its end did not reach the wallet.",
            "2 lots of account {A} are reserved for hold {h80}, which is released.",
        ]),
        ("DELETE FROM hold_lots WHERE hold_id = '{h80}' AND grant_id = '{pack}'",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 0 credit: 10 credit too much. Suspect: hold {h80} is open and lacks exactly that in its lots.",
            "Hold {h80} of account {A} reserves 80 credit where its lots add to 70 credit: 10 credit too much.",
        ]),
        ("UPDATE grants SET held_micro = 0 WHERE id = '{pack}'",
        [
            "0 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 10 credit: 10 credit too little. Suspect: hold {h80} reserves exactly that: the lot does not know of it.",
        ]),
        ("UPDATE hold_lots SET grant_id = 'nowhere' WHERE hold_id = '{h80}' AND grant_id = '{pack}'",
        [
            "10 credit are held of lot {pack} (purchase) of account {A} where its holds reserve 0 credit: 10 credit too much.",
            "Hold {h80} of account {A} reserves 10 credit of lot nowhere, which does not exist in its unit.",
        ]),
        ("UPDATE grants SET remaining_micro = remaining_micro - 1000000 WHERE id = '{pack}'",
            ["399 credit are left of lot {pack} (purchase) of account {A} where its entries add to 400 credit: 1 credit too little."]),
        ("UPDATE ledger_entries SET book = 'house:granted:gift' WHERE transaction_id = '{t:gift}' AND line = 1",
            ["Lot {gift} of account {A} brought 100 credit and no booking says that they came from signup_bonus."]),
        ("UPDATE wallets SET next_expiry_at = NULL WHERE account_id = '{A}'",
            ["In the credit wallet of account {A} the next expiry is expected after that of lot {soon}: what has expired could be spent."]),
        ("UPDATE wallets SET next_expiry_at = next_expiry_at + 1 WHERE account_id = '{A}'",
            ["In the credit wallet of account {A} the next expiry is expected after that of lot {soon}: what has expired could be spent."]),
        ("UPDATE grants SET clawed_micro = 0 WHERE id = '{pack}'",
        [
            "0 credit were taken back of the lots of the credit wallet of account {A} where its refunds add to 100 credit: 100 credit too little. Suspect: transaction {t:refund} alone is exactly that: no lot says so.",
        ]),
        ("UPDATE holds SET captured_micro = 31000000 WHERE id = '{h40}'",
            ["Hold {h40} of account {A} was captured for 31 credit where transaction {t:cap} earned 30 credit: 1 credit too much."]),
        ("UPDATE holds SET status = 'released', captured_micro = NULL WHERE id = '{h40}'",
            ["Transaction {t:cap} of account {A} charges for a hold that is released, not captured."]),
        ("UPDATE holds SET captured_micro = 1 WHERE id = '{h25}'",
            ["Hold {h25} of account {A} is released and says something else of its end."]),
    ];
}
