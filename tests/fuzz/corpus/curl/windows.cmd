curl.exe -X POST ^"https://api.example/model/v1/generation^" ^
  -H ^"Authorization: Bearer key^" ^
  --data ^"{\^"model\^":\^"kirin_lipsync\^",\^"input\^":[{\^"params\^":{\^"session_id\^":\^"s\^"}}]}^"
