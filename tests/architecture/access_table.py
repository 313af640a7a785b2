"""Who gets what at which URL: rows of URL name, object and an answer for each of ROLES, in their order.

Answers: a status; `sign`: sent to sign in; `go`: sent on, nothing changed; `done`: something changed, sent on; `file`:
a file, and a line in the trail.
The objects are planted.py's; "strange" is of another organisation. What a person may not see is a 404 (domain.md 3).
"""

GET = """
                                                   visi outs prac cont dire coho host staf inte qual func invi
healthz                      -                     200  200  200  200  200  200  200  200  200  200  200  200
metrics                      -                     404  404  404  404  404  404  404  404  404  404  404  404
home                         -                     go   go   go   go   go   go   go   go   go   go   go   go
my-data                      -                     sign 200  200  200  200  200  200  200  200  200  200  sign
close-account                -                     sign 200  200  200  200  200  200  200  200  200  200  sign
kept-typing                  nothing kept          sign 404  404  404  404  404  404  404  404  404  404  sign
privacy                      -                     200  200  200  200  200  200  200  200  200  200  200  200
accessibility                -                     200  200  200  200  200  200  200  200  200  200  200  200
mail-stop                    a link to stop        200  200  200  200  200  200  200  200  200  200  200  200
mail-stop                    forged                404  404  404  404  404  404  404  404  404  404  404  404
mail-previews                -                     go   go   go   go   go   go   go   200  200  200  200  go
mail-preview                 mail of a seat        go   go   go   go   go   go   go   200  404  404  404  go
mail-preview                 mail of a link        go   go   go   go   go   go   go   200  404  404  200  go
mail-preview                 mail of a certificate go   go   go   go   go   go   go   404  404  200  404  go
mail-preview                 mail with a code      go   go   go   go   go   go   go   200  200  200  200  go
mail-preview                 no mail               go   go   go   go   go   go   go   404  404  404  404  go
mail-preview-html            mail of a seat        go   go   go   go   go   go   go   200  404  404  404  go
mail-preview-html            mail of a certificate go   go   go   go   go   go   go   404  404  200  404  go
sessions:mail_choices        -                     sign 200  200  200  200  200  200  200  200  200  200  sign
members:profile              -                     sign 200  200  200  200  200  200  200  200  200  200  sign
members:affiliation-request  -                     sign 200  200  200  200  200  200  200  200  200  200  sign
members:organisation         -                     sign 200  200  go   200  200  200  200  200  200  200  sign
members:people               Horizonhulp           sign 404  404  200  404  404  404  200  404  404  404  sign
members:people               another organisation  sign 404  404  404  404  404  404  200  404  404  404  sign
members:organisation-data    Horizonhulp           sign 404  404  200  404  404  404  200  404  404  404  sign
members:organisation-data    another organisation  sign 404  404  404  404  404  404  200  404  404  404  sign
members:colleague            newcomer              sign 404  404  200  404  404  404  200  404  404  404  sign
members:colleague            stranger              sign 404  404  404  404  404  404  200  404  404  404  sign
leerlijnen:colours           -                     200  200  200  200  200  200  200  200  200  200  200  200
leerlijnen:groups            -                     200  200  200  200  200  200  200  200  200  200  200  200
leerlijnen:group             the group             sign 200  200  200  200  200  200  200  200  200  200  sign
leerlijnen:group             no group              sign 404  404  404  404  404  404  404  404  404  404  sign
leerlijnen:group_request     the group             sign go   go   go   go   go   go   go   go   go   go   sign
leerlijnen:group_leave       the group             sign go   go   go   go   go   go   go   go   go   go   sign
leerlijnen:group_admit       an applicant          sign 404  404  404  404  404  go   go   404  404  404  sign
leerlijnen:group_refuse      an applicant          sign 404  404  404  404  404  go   go   404  404  404  sign
sessions:programme_current   -                     go   go   go   go   go   go   go   go   go   go   go   go
sessions:programme           this year             200  200  200  200  200  200  200  200  200  200  200  200
sessions:programme           another year          404  404  404  404  404  404  404  404  404  404  404  404
sessions:line                a line                200  200  200  200  200  200  200  200  200  200  200  200
sessions:activity            an activity           200  200  200  200  200  200  200  200  200  200  200  200
sessions:list                -                     200  200  200  200  200  200  200  200  200  200  200  200
sessions:this_month          -                     go   go   go   go   go   go   go   go   go   go   go   go
sessions:month               a month               200  200  200  200  200  200  200  200  200  200  200  200
sessions:month               no month              404  404  404  404  404  404  404  404  404  404  404  404
sessions:detail              hosted                200  200  200  200  200  200  200  200  200  200  200  200
sessions:detail              other                 200  200  200  200  200  200  200  200  200  200  200  200
sessions:detail              dialogue              sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:detail              own draft             sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:detail              nothing               sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:calendar            hosted                sign 404  200  200  200  200  200  200  404  404  404  sign
sessions:calendar            other                 sign 404  200  200  200  404  200  200  404  404  404  sign
sessions:calendar            dialogue              sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:calendar            own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:register            hosted                sign 409  go   200  200  409  200  409  409  409  409  sign
sessions:register            other                 sign 409  200  go   200  409  200  409  409  409  409  sign
sessions:register            dialogue              sign 404  404  404  404  404  404  409  404  404  404  sign
sessions:register            own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:cancel              hosted                sign go   200  go   go   go   go   go   go   go   go   sign
sessions:cancel              other                 sign go   go   200  go   go   go   go   go   go   go   sign
sessions:cancel              dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:cancel              own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:my_place            hosted                sign go   200  go   go   go   go   go   go   go   go   sign
sessions:my_place            other                 sign go   go   200  go   go   go   go   go   go   go   sign
sessions:my_place            dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:my_place            own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:guest               an invitation        200  200  go   go   go   200  go   200  200  200  200  200
sessions:guest               forged               404  404  404  404  404  404  404  404  404  404  404  404
sessions:place               a place              200  200  200  200  200  200  200  200  200  200  200  200
sessions:place               forged               404  404  404  404  404  404  404  404  404  404  404  404
sessions:participants        hosted                sign 404  404  404  404  200  200  200  404  404  404  sign
sessions:participants        other                 sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:participants        dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:participants        own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:reminders           hosted               sign 404  404  404  404  200  200  200  404  404  404  sign
sessions:reminders           other                sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:reminders           dialogue             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:reminders           own draft            sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:rehearsal           hosted               sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:rehearsal           other                sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:rehearsal           dialogue             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:rehearsal           own draft            sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:decide              hosted                sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:decide              other                 sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:decide              dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:decide              own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:participants_file   hosted                sign 404  404  404  404  go   go   go   404  404  404  sign
sessions:participants_file   other                 sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:participants_file   dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:participants_file   own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance          on now                sign 404  404  404  404  404  200  200  404  404  404  sign
sessions:attendance          hosted                sign 404  404  404  404  go   go   go   404  404  404  sign
sessions:attendance          other                 sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:attendance          dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance          own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance_rest     on now                sign 404  404  404  404  404  go   go   404  404  404  sign
sessions:attendance_rest     hosted                sign 404  404  404  404  go   go   go   404  404  404  sign
sessions:attendance_rest     dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:register_colleague  hosted                sign 409  200  200  200  409  200  409  409  409  409  sign
sessions:register_colleague  other                 sign 409  200  200  200  409  200  409  409  409  409  sign
sessions:register_colleague  dialogue              sign 404  404  404  404  404  404  409  404  404  404  sign
sessions:register_colleague  own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:needs               hosted                sign go   200  go   go   go   go   go   go   go   go   sign
sessions:needs               other                 sign go   go   200  go   go   go   go   go   go   go   sign
sessions:needs               dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:needs               own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:series              a series              200  200  200  200  200  200  200  200  200  200  200  200
sessions:series              hidden series         sign 404  404  404  404  404  404  200  404  404  404  sign
sessions:series_register     a series              sign 409  200  go   200  409  200  409  409  409  409  sign
sessions:series_register     hidden series         sign 404  404  404  404  404  404  409  404  404  404  sign
sessions:series_cancel       a series              sign go   go   200  go   go   go   go   go   go   go   sign
sessions:series_cancel       hidden series         sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:propose             -                     200  200  200  200  200  200  200  200  200  200  200  200
sessions:proposal            own draft             sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal            own sent              sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal            own asked             sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal            strange draft         sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal            strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_sent       own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_sent       own sent              sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal_sent       strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   own draft             sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   strange draft         sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       own draft, step       sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       own draft, check      sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       own sent, step        sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_step       strange draft, step   sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       no step               sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:invitation          unanswered            200  200  200  200  200  200  200  200  200  200  200  200
sessions:invitation          answered              404  404  404  404  404  404  404  404  404  404  404  200
sessions:invitation          forged                404  404  404  404  404  404  404  404  404  404  404  404
sessions:invitation_file     unanswered            404  404  404  404  404  404  404  404  404  404  404  404
sessions:invitation_file     answered              404  404  404  404  404  404  404  404  404  404  404  200
sessions:invitation_file     forged                404  404  404  404  404  404  404  404  404  404  404  404
sessions:mine                -                     sign 200  200  200  200  200  200  200  200  200  200  sign
sessions:feed                -                    200  200  200  200  200  200  200  200  200  200  200  200
sessions:programme_feed      this year            200  200  200  200  200  200  200  200  200  200  200  200
sessions:programme_feed      another year         404  404  404  404  404  404  404  404  404  404  404  404
sessions:track_feed          a track              200  200  200  200  200  200  200  200  200  200  200  200
sessions:track_feed          track of dialogues   404  404  404  404  404  404  404  404  404  404  404  404
sessions:line_feed           a line               200  200  200  200  200  200  200  200  200  200  200  200
sessions:personal_feed       own calendar         200  200  200  200  200  200  200  200  200  200  200  200
sessions:personal_feed       no calendar          404  404  404  404  404  404  404  404  404  404  404  404
sessions:subscribe           -                    sign 200  200  200  200  200  200  200  200  200  200  sign
sessions:make_address        -                    sign go   go   go   go   go   go   go   go   go   go   sign
sessions:end_address         -                    sign go   go   go   go   go   go   go   go   go   go   sign
integrity:overview           -                     200  200  200  200  200  200  200  200  200  200  200  200
integrity:agenda             -                     sign 404  200  200  200  404  200  404  200  404  404  sign
quality:overview             -                     200  200  200  200  200  200  200  200  200  200  200  200
quality:own                  -                     sign 404  404  200  200  404  404  404  404  404  404  sign
members:affiliation-leave    own                   sign go   go   go   go   go   go   go   go   go   go   sign
members:affiliation-confirm  newcomer              sign 404  404  go   404  404  404  go   404  404  404  sign
members:affiliation-confirm  stranger              sign 404  404  404  404  404  404  go   404  404  404  sign
members:affiliation-end      newcomer              sign 404  404  go   404  404  404  go   404  404  404  sign
members:affiliation-end      stranger              sign 404  404  404  404  404  404  go   404  404  404  sign
members:role-hand-out        newcomer              sign 404  404  go   404  404  404  go   404  404  404  sign
members:role-hand-out        stranger              sign 404  404  404  404  404  404  go   404  404  404  sign
members:role-take-back       newcomer              sign 404  404  go   404  404  404  go   404  404  404  sign
members:role-take-back       stranger              sign 404  404  404  404  404  404  go   404  404  404  sign
members:track-profile        newcomer              sign 404  404  go   404  404  404  go   404  404  404  sign
members:track-profile        stranger              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:proposal_start      -                     sign go   go   go   go   go   go   go   go   go   go   sign
sessions:proposal_submit     own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     own sent              sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     strange draft         sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     own asked             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
"""

# URLs that are not here answer 405 to a POST. Each is in GET too: who has to sign in before a form is taken comes back
# by GET, and must find a page.
POST = """
                                                   visi outs prac cont dire coho host staf inte qual func invi
my-data                      -                     sign file file file file file file file file file file sign
close-account                -                     sign 422  422  422  422  422  422  422  422  422  422  sign
mail-stop                    a link to stop        200  200  200  200  200  200  200  200  200  200  200  200
mail-stop                    forged                404  404  404  404  404  404  404  404  404  404  404  404
sessions:mail_choices        -                     sign 422  422  422  422  422  422  422  422  422  422  sign
members:profile              -                     sign 422  422  422  422  422  422  422  422  422  422  sign
members:affiliation-request  -                     sign 422  422  422  422  422  422  422  422  422  422  sign
members:affiliation-leave    own                   sign 404  done 404  404  404  404  404  404  404  404  sign
members:organisation-data    Horizonhulp           sign 404  404  422  404  404  404  422  404  404  404  sign
members:organisation-data    another organisation  sign 404  404  404  404  404  404  422  404  404  404  sign
members:affiliation-confirm  newcomer              sign 404  404  done 404  404  404  done 404  404  404  sign
members:affiliation-confirm  stranger              sign 404  404  404  404  404  404  422  404  404  404  sign
members:affiliation-end      newcomer              sign 404  404  done 404  404  404  done 404  404  404  sign
members:affiliation-end      stranger              sign 404  404  404  404  404  404  done 404  404  404  sign
members:role-hand-out        newcomer              sign 404  404  422  404  404  404  422  404  404  404  sign
members:role-hand-out        stranger              sign 404  404  404  404  404  404  done 404  404  404  sign
members:role-take-back       newcomer              sign 404  404  422  404  404  404  422  404  404  404  sign
members:role-take-back       stranger              sign 404  404  404  404  404  404  422  404  404  404  sign
members:track-profile        newcomer              sign 404  404  422  404  404  404  422  404  404  404  sign
members:track-profile        stranger              sign 404  404  404  404  404  404  done 404  404  404  sign
leerlijnen:group_request     the group             sign 422  go   done done 422  go   422  422  422  422  sign
leerlijnen:group_leave       the group             sign go   done go   go   go   done go   go   go   go   sign
leerlijnen:group_admit       an applicant          sign 404  404  404  404  404  done done 404  404  404  sign
leerlijnen:group_refuse      an applicant          sign 404  404  404  404  404  done done 404  404  404  sign
sessions:register            hosted                sign 422  go   done done 422  done 422  422  422  422  sign
sessions:register            other                 sign 422  done go   done 422  done 422  422  422  422  sign
sessions:register            dialogue              sign 404  404  404  404  404  404  422  404  404  404  sign
sessions:register            own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:make_address        -                    sign done done done done done done done done done done sign
sessions:end_address         -                    sign go   done go   go   go   go   go   go   go   go   sign
sessions:cancel              hosted                sign go   done go   go   go   go   go   go   go   go   sign
sessions:cancel              other                 sign go   go   done go   go   go   go   go   go   go   sign
sessions:cancel              dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:cancel              own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:my_place            hosted                sign go   422  go   go   go   go   go   go   go   go   sign
sessions:my_place            other                 sign go   go   422  go   go   go   go   go   go   go   sign
sessions:my_place            dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:my_place            own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:guest               an invitation        sign done go   go   go   done go   done done done done sign
sessions:guest               forged               404  404  404  404  404  404  404  404  404  404  404  404
sessions:place               a place              done done done done done done done done done done done done
sessions:place               forged               404  404  404  404  404  404  404  404  404  404  404  404
sessions:decide              hosted                sign 404  404  404  404  404  404  422  404  404  404  sign
sessions:decide              other                 sign 404  404  404  404  404  404  422  404  404  404  sign
sessions:decide              dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:decide              own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:participants_file   hosted                sign 404  404  404  404  file file file 404  404  404  sign
sessions:participants_file   other                 sign 404  404  404  404  404  404  file 404  404  404  sign
sessions:participants_file   dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:participants_file   own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance          on now                sign 404  404  404  404  404  go   go   404  404  404  sign
sessions:attendance          hosted                sign 404  404  404  404  go   go   go   404  404  404  sign
sessions:attendance          other                 sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:attendance          dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance          own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:attendance_rest     on now                sign 404  404  404  404  404  done done 404  404  404  sign
sessions:attendance_rest     hosted                sign 404  404  404  404  go   go   go   404  404  404  sign
sessions:attendance_rest     dialogue              sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:register_colleague  hosted                sign 422  422  422  422  422  422  422  422  422  422  sign
sessions:register_colleague  dialogue              sign 404  404  404  404  404  404  422  404  404  404  sign
sessions:register_colleague  own draft             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:needs               hosted                sign go   go   go   go   go   go   go   go   go   go   sign
sessions:needs               other                 sign go   go   go   go   go   go   go   go   go   go   sign
sessions:needs               dialogue              sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:needs               own draft             sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_start      -                     sign go   done done done done done go   go   go   go   sign
sessions:proposal_submit     own draft             sign 404  done 404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     own sent              sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     strange draft         sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_submit     strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     own draft             sign 404  422  404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     own asked             sign 404  done 404  404  404  404  404  404  404  404  sign
sessions:proposal_answer     strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   own draft             sign 404  done 404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   strange draft         sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_withdraw   strange proposal      sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:series_register     a series              sign 422  done done done 422  done 422  422  422  422  sign
sessions:series_register     hidden series         sign 404  404  404  404  404  404  422  404  404  404  sign
sessions:series_cancel       a series              sign go   go   done go   go   go   go   go   go   go   sign
sessions:series_cancel       hidden series         sign 404  404  404  404  404  404  go   404  404  404  sign
sessions:proposal_step       own draft, step       sign 404  422  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       own draft, check      sign 404  200  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       own sent, step        sign 404  go   404  404  404  404  404  404  404  404  sign
sessions:proposal_step       strange draft, step   sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:proposal_step       no step               sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:reminders           hosted               sign 404  404  404  404  done done done 404  404  404  sign
sessions:reminders           other                sign 404  404  404  404  404  404  done 404  404  404  sign
sessions:reminders           dialogue             sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:reminders           own draft            sign 404  404  404  404  404  404  404  404  404  404  sign
sessions:invitation          unanswered            done done done done done done done done done done done done
sessions:invitation          answered              404  404  404  404  404  404  404  404  404  404  404  done
sessions:invitation          forged                404  404  404  404  404  404  404  404  404  404  404  404
"""

EVERYONE = (
    "visitor outsider practitioner contact director cohost host staff integrity_coordinator quality_coordinator"
    " functional_administrator invited"
)

# Marked words: who reads them, on which pages. They stand on no other page and for nobody else. An invitation is for
# whoever holds its link; no other page tells of it.
SECRETS: dict[str, dict[str, str]] = {
    "SECRET-PLACE": {
        "practitioner contact director cohost host staff": "sessions:detail sessions:calendar",
        "practitioner": "sessions:my_place",
        EVERYONE: "sessions:place sessions:personal_feed",  # whoever has the address
        "cohost host staff": "sessions:participants sessions:reminders",
    },
    "SECRET-QUESTION": {
        "practitioner contact director host staff": "sessions:detail sessions:calendar",
        # Whoever holds the mailed link reads what that mail told, and no more.
        "visitor outsider cohost staff integrity_coordinator quality_coordinator functional_administrator invited": (
            "sessions:guest"
        ),
    },
    "SECRET-LINK": {"contact": "sessions:detail", "staff": "sessions:reminders"},
    "SECRET-PARTICIPANT": {"cohost host staff": "sessions:participants", "host staff": "sessions:attendance"},
    "SECRET-PARTICIPANT-ELSEWHERE": {"staff": "sessions:participants"},
    "SECRET-STRANGER": {"staff": "sessions:participants members:people members:colleague"},
    # What somebody needs: for herself and for staff, on no page, in no file and in no mail of a host.
    "SECRET-NEEDS": {"practitioner": "sessions:needs", "staff": "sessions:participants"},
    "SECRET-SERIES": {"staff": "sessions:series sessions:series_register"},
    "SECRET-DRAFT": {
        "practitioner": (
            "sessions:propose sessions:proposal sessions:proposal_step sessions:proposal_withdraw sessions:detail"
            " sessions:mine"
        )
    },
    "SECRET-SENT": {"practitioner": "sessions:propose sessions:proposal sessions:proposal_sent"},
    "SECRET-ASKED": {"practitioner": "sessions:propose sessions:proposal sessions:mine"},
    "SECRET-NOTE": {"practitioner": "sessions:proposal"},
    "SECRET-STRANGE-DRAFT": {},
    "SECRET-STRANGE-PROPOSAL": {},
    "SECRET-DIALOGUE": {
        EVERYONE: "sessions:invitation",
        "staff": "sessions:detail sessions:register sessions:register_colleague",
    },
    "SECRET-ISSUE": {
        EVERYONE: "sessions:invitation",
        "staff": "sessions:detail",
    },
    "SECRET-INVITEE": {EVERYONE: "sessions:invitation"},
    "SECRET-GUEST": {"invited": "sessions:invitation"},
    "SECRET-NEWCOMER": {"contact staff": "members:people members:colleague"},
    "SECRET-CERTIFICATE": {"contact director": "quality:own"},
    "SECRET-STRANGE-CERTIFICATE": {},
    "SECRET-GROUP-MEMBER": {"practitioner host staff": "leerlijnen:group"},
    "SECRET-APPLICANT": {"host staff": "leerlijnen:group"},
    "SECRET-AGENDA-ITEM": {"practitioner contact director host integrity_coordinator": "integrity:agenda"},
    "SECRET-ROUTE": {},
    "SECRET-MAIL": {},
}
