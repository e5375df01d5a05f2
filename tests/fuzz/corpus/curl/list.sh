curl -G "https://api.example/v1/videos/advanced-lip-sync" -d pageNum=1 -d pageSize=30 -u user:pass --compressed -k -o out.json
