curl --request POST \
  --url https://api.example/kling/v1/videos/advanced-lip-sync \
  --header "Authorization: Bearer $VISEME_KEY" \
  --json $'{"session_id":"s-1","face_choose":[{"face_id":"0","sound_file":"https:\/\/m.example\/v.mp3","sound_start_time":0,"sound_end_time":3000,"sound_insert_time":500}],"external_task_id":"it\'s mine"}'
